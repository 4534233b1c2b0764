#include "cloud/aws/xml.hpp"

#include "base/text.hpp"

namespace cml::cloud::aws {
namespace {

constexpr int kMaxDepth = 64;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<Xml> document() {
    if (!skip_misc()) return std::nullopt;
    Xml root;
    if (!element(root, 0) || !skip_misc() || at_ != text_.size()) return std::nullopt;
    return root;
  }

 private:
  bool starts(std::string_view prefix) const { return text_.substr(at_, prefix.size()) == prefix; }

  // White space, the declaration and comments; a DOCTYPE is refused.
  bool skip_misc() {
    while (at_ < text_.size()) {
      if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
        ++at_;
      } else if (starts("<?") || starts("<!--")) {
        std::string_view const close = starts("<?") ? "?>" : "-->";
        auto const end = text_.find(close, at_);
        if (end == std::string_view::npos) return false;
        at_ = end + close.size();
      } else {
        return !starts("<!");
      }
    }
    return true;
  }

  bool element(Xml& out, int depth) {
    if (depth > kMaxDepth || !starts("<")) return false;
    auto const close = text_.find('>', at_);
    if (close == std::string_view::npos) return false;
    std::string_view tag = text_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    bool const empty = !tag.empty() && tag.back() == '/';
    if (empty) tag.remove_suffix(1);
    out.name = std::string(tag.substr(0, tag.find_first_of(" \t\r\n")));
    if (out.name.empty()) return false;
    if (empty) return true;
    while (at_ < text_.size()) {
      auto const next = text_.find('<', at_);
      if (next == std::string_view::npos) return false;
      if (!decode(text_.substr(at_, next - at_), out.text)) return false;
      at_ = next;
      if (starts("</")) {
        auto const end = text_.find('>', at_);
        if (end == std::string_view::npos || trim(text_.substr(at_ + 2, end - at_ - 2)) != out.name) return false;
        at_ = end + 1;
        if (!out.children.empty()) out.text.clear();
        return true;
      }
      if (starts("<!--")) {
        if (!skip_misc()) return false;
        continue;
      }
      if (starts("<!")) return false;
      out.children.emplace_back();
      if (!element(out.children.back(), depth + 1)) return false;
    }
    return false;
  }

  static bool decode(std::string_view raw, std::string& out) {
    struct Entity {
      std::string_view name;
      char value;
    };
    constexpr Entity kEntities[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
    for (std::size_t i = 0; i < raw.size(); ++i) {
      if (raw[i] != '&') {
        out.push_back(raw[i]);
        continue;
      }
      auto const end = raw.find(';', i);
      if (end == std::string_view::npos || end - i > 10) return false;
      std::string_view const name = raw.substr(i + 1, end - i - 1);
      bool known = false;
      for (Entity const& entity : kEntities)
        if (entity.name == name) out.push_back(entity.value), known = true;
      if (!known)
        out.push_back(name.substr(0, 1) == "#" ? ' ' : '?');  // Control characters of consoles; nothing we compare.
      i = end;
    }
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Xml const* Xml::child(std::string_view wanted) const {
  for (Xml const& one : children)
    if (one.name == wanted) return &one;
  return nullptr;
}

std::string Xml::at(std::string_view path) const {
  Xml const* here = this;
  for (std::string const& part : split(path, '/'))
    if ((here = here->child(part)) == nullptr) return "";
  return here->text;
}

std::vector<Xml const*> Xml::items(std::string_view path, std::string_view item) const {
  Xml const* here = this;
  for (std::string const& part : split(path, '/'))
    if ((here = here->child(part)) == nullptr) return {};
  std::vector<Xml const*> found;
  for (Xml const& one : here->children)
    if (one.name == item) found.push_back(&one);
  return found;
}

std::optional<Xml> parse_xml(std::string_view text) { return Reader(text).document(); }

}  // namespace cml::cloud::aws
