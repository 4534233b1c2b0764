// Titles and subtitles of groups, after vega-parser's title.
#include "vega/runtime/build.hpp"
#include "vega/runtime/guide.hpp"

namespace cml::vega {
namespace {

Value text_mark(GuideLookup const& _, Value const& text, std::string const& prefix, char const* role, char const* style,
                Value const& from, Value const& user) {
  auto const property = [&](std::string name) {
    if (!prefix.empty()) name[0] = static_cast<char>(name[0] - 32);
    return _(prefix + name);
  };
  GuideEncode e;
  e.enter.set("opacity", constant(0));
  e.update.set("opacity", constant(1));
  e.add("text", text);
  e.add("align", signal_ref("item.mark.group.align"));
  e.add("angle", signal_ref("item.mark.group.angle"));
  e.add("limit", signal_ref("item.mark.group.limit"));
  e.add("baseline", "top");
  e.add("dx", _("dx"));
  e.add("dy", _("dy"));
  e.add("fill", property("color"));
  e.add("font", property("font"));
  e.add("fontSize", property("fontSize"));
  e.add("fontStyle", property("fontStyle"));
  e.add("fontWeight", property("fontWeight"));
  e.add("lineHeight", property("lineHeight"));
  e.add("align", _("align"), true);
  e.add("angle", _("angle"), true);
  e.add("baseline", _("baseline"), true);
  return guide_mark(
      Value::object(
          {{"type", "text"}, {"role", role}, {"style", style}, {"from", from}, {"encode", e.finish(Value())}}),
      user);
}

}  // namespace

Value title_marks(Value const& title, GroupScope& scope) {
  Value const spec = title.is_object() && !title.has("signal") ? title : Value::object({{"text", title}});
  GuideLookup const _(spec, scope.view().config["title"]);
  Value const encode = spec["encode"];
  Value const from = Value::object({{"data", Value(Table::from_rows({Value(Object())}))}});
  Value title_user = encode["title"];
  if (!title_user.is_object()) {  // The older form: encoding sets directly in `encode`.
    title_user = encode.is_object() ? encode : Value(Object());
    for (char const* key : {"name", "interactive", "style"})
      if (!spec[key].is_nullish()) title_user.set(key, spec[key]);
  }
  Array children{text_mark(_, spec["text"], "", "title-text", "group-title", from, title_user)};
  if (spec["subtitle"].truthy())
    children.push_back(
        text_mark(_, spec["subtitle"], "subtitle", "title-subtitle", "group-subtitle", from, encode["subtitle"]));
  GuideEncode group;
  group.add("orient", _("orient"));
  group.add("anchor", _("anchor"));
  group.add("align", signal_ref("item.anchor === 'start' ? \"left\" : item.anchor === 'end' ? \"right\" : \"center\""));
  group.add("angle", signal_ref("item.orient===\"left\"?-90:item.orient===\"right\"?90:0"));
  group.add("limit", _("limit"));
  group.add("frame", _("frame"));
  group.add("offset", _("offset").truthy() ? _("offset") : Value(0));
  group.add("padding", _("subtitlePadding"));
  Value const user = encode["group"];
  Value mark = Value::object({{"type", "group"},
                              {"role", "title"},
                              {"from", from},
                              {"encode", group.finish(user)},
                              {"marks", Value(std::move(children))},
                              {"interactive", user["interactive"].truthy()},
                              {"zindex", _("zindex")}});
  for (char const* key : {"aria", "description"})
    if (!_(key).is_nullish()) mark.set(key, _(key));
  for (char const* key : {"name", "style"})
    if (!user[key].is_nullish()) mark.set(key, user[key]);
  return mark;
}

}  // namespace cml::vega
