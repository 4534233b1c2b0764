// As much of GraphQL as a fake server needs to be strict: a document is taken apart, and of an object exactly those
// fields are given that were asked for. A field that the fake does not know is an error in GitHub's words, never a gap.
#pragma once

#include <nlohmann/json.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace cml::test::graphql {

struct Failure : std::runtime_error {
  Failure(std::string error_type, std::string const& message)
      : std::runtime_error(message), type(std::move(error_type)) {}
  std::string type;  // "NOT_FOUND"; empty: none, as for a document that is wrong.
};

struct Field {
  std::string name, alias;    // No name: a fragment.
  std::string on;             // Of a fragment: its type.
  nlohmann::json arguments;   // With the variables put in.
  std::vector<Field> fields;  // Empty: a leaf.
};
struct Document {
  std::string kind;  // "query" or "mutation"
  std::vector<Field> fields;
};

// Failure when it cannot be read, names an unknown fragment or an undeclared variable, or lacks a needed one.
Document parse(std::string const& text, nlohmann::json const& variables);

// An object that is not there yet, by its owner and the field that asks for it.
using Resolve = std::function<nlohmann::json(nlohmann::json const& owner, Field const&)>;
// The selected fields of `object`, whose "__typename" tells its type. What it lacks is resolved.
nlohmann::json select(std::vector<Field> const&, nlohmann::json const& object, Resolve const&);

}  // namespace cml::test::graphql
