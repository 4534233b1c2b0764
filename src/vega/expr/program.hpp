// The executable form of an expression: a tree of nodes that evaluate to a Value, a number or a truth.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "vega/expr/ast.hpp"
#include "vega/expr/function.hpp"
#include "vega/expr/scope.hpp"

namespace cml::vega {

// What the nodes of one evaluation share.
struct Frame {
  Scope& scope;
  Datum datum;
  Value const* item = nullptr;
  // Over a table: the column of each field slot (null when absent) and the signals already asked, by slot.
  std::vector<Column const*> const* columns = nullptr;
  std::vector<Value>* signals = nullptr;
  std::vector<bool>* signals_known = nullptr;
  std::uint64_t binding =
      0;  // Numbers the passes over tables, so that a node may remember what holds for one; 0: none.
};

// What a node yields on every row of the bound table; decides which path the column takes.
enum class Shape { Any, Number, Boolean };

class Node {
 public:
  virtual ~Node() = default;
  virtual Value value(Frame& frame) const = 0;
  virtual double number(Frame& frame) const { return value(frame).to_number(); }
  virtual bool truth(Frame& frame) const { return value(frame).truthy(); }
  // The value, where it is quickly known to be a number. False, with nothing evaluated: ask value(), it may be
  // anything.
  virtual bool as_number(Frame&, double&) const { return false; }
  virtual Shape shape(Frame const&) const { return Shape::Any; }
};
using NodePtr = std::unique_ptr<Node>;

struct CompiledTree {
  NodePtr root;
  std::vector<std::string> fields;   // By slot: names used as datum.name.
  std::vector<std::string> signals;  // By slot.
  bool uses_datum = false, uses_item = false;
  std::uint32_t nodes = 0, depth = 0;  // How many there are, and how high they stand.
};
CompiledTree compile(AstNode const& ast, std::string_view text, std::string const& path);

}  // namespace cml::vega
