#include "vega/lite/context.hpp"

#include "vega/lite/data/node.hpp"

namespace cml::vega::lite {

Context::Context(Diagnostics& d) : diagnostics(d), data(std::make_unique<DataFlow>()) {}
Context::~Context() = default;

std::string NameMap::get(std::string name) const {
  for (std::size_t steps = 0; steps <= map_.size(); ++steps) {
    auto const next = map_.find(name);
    if (next == map_.end() || next->second == name) break;
    name = next->second;
  }
  return name;
}

std::string late_signal(std::string_view name) {
  return "\x02"
         "S" +
         std::string(name) + "\x03";
}
std::string late_scale(std::string_view name) {
  return "\x02"
         "C" +
         std::string(name) + "\x03";
}

std::string Context::settle_text(std::string_view text) const {
  std::string out;
  for (std::size_t at = 0;;) {
    auto const open = text.find('\x02', at);
    auto const close = open == std::string_view::npos ? open : text.find('\x03', open);
    if (close == std::string_view::npos) return out.append(text.substr(at));
    out.append(text.substr(at, open - at));
    std::string const name(text.substr(open + 2, close - open - 2));
    out += text[open + 1] == 'C' ? scale_names.get(name) : signal_names.get(name);
    at = close + 1;
  }
}

Value Context::settle(Value v) const {
  settle_in_place(v);
  return v;
}
void Context::settle_in_place(Value& v) const {
  if (v.is_string()) {
    if (v.string().find('\x02') != std::string_view::npos) v = Value(settle_text(v.string()));
  } else if (v.is_array()) {
    for (auto& item : v.mutable_items())
      if (item.defined())
        settle_in_place(item);
      else
        item = nullptr;
  } else if (v.is_object()) {
    auto& entries = v.mutable_properties().entries();
    std::erase_if(entries, [](auto const& entry) { return !entry.second.defined(); });
    for (auto& [key, value] : entries) settle_in_place(value);
  }
}

}  // namespace cml::vega::lite
