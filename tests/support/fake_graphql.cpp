#include "support/fake_graphql.hpp"

#include <cctype>
#include <map>

namespace cml::test::graphql {
namespace {

using nlohmann::json;

// Names, numbers, texts in quotes, "..." and single signs.
std::vector<std::string> tokens_of(std::string const& text) {
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < text.size();) {
    auto const c = static_cast<unsigned char>(text[i]);
    std::size_t end = i + 1;
    if (std::isspace(c) != 0 || c == ',') {
      i = end;
      continue;
    }
    if (std::isalnum(c) != 0 || c == '_' || c == '-')
      while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) ++end;
    else if (c == '"')
      end = std::min(text.find('"', end), text.size() - 1) + 1;
    else if (text.compare(i, 3, "...") == 0)
      end = i + 3;
    tokens.push_back(text.substr(i, end - i));
    i = end;
  }
  return tokens;
}

class Parser {
 public:
  Parser(std::string const& text, json const& variables) : tokens_(tokens_of(text)), given_(variables) {}

  Document run() {
    Document document;
    bool found = false;
    while (at_ < tokens_.size()) {
      if (accept("fragment")) {
        std::string const name = next();
        expect("on");
        Field fragment = typed(next());
        fragments_[name] = std::move(fragment);
        continue;
      }
      if (found) throw Failure("", "Parse error: more than one operation");
      found = true;
      document.kind = peek() == "{" ? "query" : next();
      if (document.kind != "query" && document.kind != "mutation")
        throw Failure("", "Parse error on \"" + document.kind + "\"");
      if (peek() != "(" && peek() != "{") next();  // The operation's name.
      declare();
      document.fields = selection();
    }
    spread(document.fields);
    return document;
  }

 private:
  std::string const& peek() const {
    static std::string const kEnd;
    return at_ < tokens_.size() ? tokens_[at_] : kEnd;
  }
  std::string next() {
    if (at_ == tokens_.size()) throw Failure("", "Parse error: unexpected end of document");
    return tokens_[at_++];
  }
  bool accept(std::string const& token) { return peek() == token ? (++at_, true) : false; }
  void expect(std::string const& token) {
    if (std::string const found = next(); found != token)
      throw Failure("", "Parse error on \"" + found + "\", expected \"" + token + "\"");
  }

  void declare() {
    if (!accept("(")) return;
    while (!accept(")")) {
      expect("$");
      std::string const name = next();
      expect(":");
      std::string last;
      int depth = 0;
      for (bool type = true; type;) {
        last = next();
        if (last == "[") ++depth;
        if (last == "]") --depth;
        type = depth > 0 || peek() == "!" || last == "[";
      }
      json const value = given_.is_object() ? given_.value(name, json()) : json();
      if (last == "!" && value.is_null())
        throw Failure("", "Variable $" + name + " of type was provided invalid value");
      variables_[name] = value;
    }
  }

  json value() {
    std::string const token = next();
    if (token == "$") {
      auto const found = variables_.find(next());
      if (found == variables_.end()) throw Failure("", "Variable $" + tokens_[at_ - 1] + " is used but not declared");
      return *found;
    }
    if (token == "{") {
      json object = json::object();
      while (!accept("}")) {
        std::string const name = next();
        expect(":");
        object[name] = value();
      }
      return object;
    }
    json const literal = json::parse(token, nullptr, false);
    return literal.is_discarded() ? json(token) : literal;  // A word of an enumeration.
  }

  Field typed(std::string type) {
    Field fragment;
    fragment.on = std::move(type);
    fragment.fields = selection();
    return fragment;
  }

  std::vector<Field> selection() {
    std::vector<Field> fields;
    expect("{");
    while (!accept("}")) {
      if (accept("...")) {
        if (accept("on")) {
          fields.push_back(typed(next()));
        } else {
          Field named;
          named.alias = next();  // Put in when all fragments are known.
          fields.push_back(std::move(named));
        }
        continue;
      }
      Field field;
      field.name = field.alias = next();
      if (accept(":")) field.name = next();
      if (accept("(")) {
        while (!accept(")")) {
          std::string const name = next();
          expect(":");
          if (json given = value(); !given.is_null()) field.arguments[name] = std::move(given);
        }
      }
      if (peek() == "{") field.fields = selection();
      fields.push_back(std::move(field));
    }
    return fields;
  }

  void spread(std::vector<Field>& fields) {
    for (Field& field : fields) {
      if (field.name.empty() && field.on.empty()) {
        auto const found = fragments_.find(field.alias);
        if (found == fragments_.end()) throw Failure("", "Fragment " + field.alias + " was used, but not defined");
        field = found->second;
      }
      spread(field.fields);
    }
  }

  std::vector<std::string> tokens_;
  json given_, variables_ = json::object();
  std::map<std::string, Field> fragments_;
  std::size_t at_ = 0;
};

void select_into(json& result, std::vector<Field> const& fields, json const& object, Resolve const& resolve) {
  std::string const type = object.value("__typename", "?");
  for (Field const& field : fields) {
    if (field.name.empty()) {
      if (field.on == type) select_into(result, field.fields, object, resolve);
      continue;
    }
    json const found = object.contains(field.name) ? object[field.name] : resolve(object, field);
    bool const composite = found.is_object() || (found.is_array() && !found.empty() && found[0].is_structured());
    if (composite && field.fields.empty())
      throw Failure("", "Field must have selections (field '" + field.name + "' returns an object)");
    if (!composite && !found.is_null() && !(found.is_array() && found.empty()) && !field.fields.empty())
      throw Failure("", "Selections can't be made on scalars (field '" + field.name + "')");
    if (!found.is_array()) {
      result[field.alias] = composite ? select(field.fields, found, resolve) : found;
      continue;
    }
    json list = json::array();
    for (json const& one : found) list.push_back(one.is_null() ? json() : select(field.fields, one, resolve));
    result[field.alias] = std::move(list);
  }
}

}  // namespace

Document parse(std::string const& text, json const& variables) { return Parser(text, variables).run(); }

json select(std::vector<Field> const& fields, json const& object, Resolve const& resolve) {
  json result = json::object();
  select_into(result, fields, object, resolve);
  return result;
}

}  // namespace cml::test::graphql
