// Vega's expression language (a subset of JavaScript's expressions) as a tree.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vega/value/value.hpp"

namespace cml::vega {

enum class Operator : std::uint8_t {
  None,
  Or,
  And,  // logical
  BitOr,
  BitXor,
  BitAnd,
  Equal,
  NotEqual,
  Same,
  NotSame,
  Less,
  Greater,
  LessEqual,
  GreaterEqual,
  In,
  InstanceOf,
  ShiftLeft,
  ShiftRight,
  ShiftRightUnsigned,
  Add,
  Subtract,
  Multiply,
  Divide,
  Remainder,
  Plus,
  Minus,
  BitNot,
  Not  // unary
};

struct AstNode;
using AstPtr = std::unique_ptr<AstNode>;

struct AstNode {
  enum class Kind : std::uint8_t {
    Literal,
    Identifier,
    Member,
    Call,
    Array,
    Object,
    Unary,
    Binary,
    Logical,
    Conditional
  };
  Kind kind = Kind::Literal;
  Operator op = Operator::None;
  bool computed = false;    // Member: object[property]; else property is an Identifier node.
  std::uint32_t start = 0;  // Byte offset in the text.
  std::uint32_t depth = 1;  // Height of this subtree.
  Value literal;            // Literal: also a regexp.
  std::string name;         // Identifier, and the function of a Call.
  std::vector<Str> keys;    // Object: one a child.
  // Member: object, property. Call: arguments. Unary: one. Binary, Logical: two. Conditional: test, then, else.
  std::vector<AstPtr> children;
};

struct ParseLimits {
  std::size_t max_length = 1 << 20;
  int max_nesting = 200;           // Brackets within brackets.
  std::uint32_t max_depth = 1000;  // Height of the tree: a chain of a + b + c ... is as high as it is long.
};

// Fails (EngineError) naming `path`, the column and what was not understood.
AstPtr parse_expression(std::string_view text, std::string const& path, ParseLimits const& limits = {});

}  // namespace cml::vega
