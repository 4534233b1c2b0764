// Tree of syntax to tree of nodes: names become slots, functions are looked up once.
#include <algorithm>
#include <array>
#include <cmath>

#include "vega/expr/coerce.hpp"
#include "vega/expr/compare.hpp"
#include "vega/expr/membership.hpp"
#include "vega/expr/program.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

// The reserved NaN patterns of columns must not leak out of arithmetic.
double plain(double n) { return std::isnan(n) ? kNaN : n; }

class LiteralNode : public Node {
 public:
  explicit LiteralNode(Value value) : value_(std::move(value)), number_(value_.to_number()), truth_(value_.truthy()) {}
  Value value(Frame&) const override { return value_; }
  double number(Frame&) const override { return number_; }
  bool truth(Frame&) const override { return truth_; }
  bool as_number(Frame&, double& out) const override {
    out = number_;
    return value_.is_number();
  }
  Shape shape(Frame const&) const override {
    return value_.is_number() ? Shape::Number : value_.is_boolean() ? Shape::Boolean : Shape::Any;
  }
  Value const& literal() const { return value_; }

 private:
  Value value_;
  double number_;
  bool truth_;
};

class FieldNode : public Node {
 public:
  FieldNode(std::string name, std::size_t slot) : name_(std::move(name)), slot_(slot) {}
  Column const* column(Frame const& frame) const {
    if (frame.columns) return (*frame.columns)[slot_];
    auto const& fields = frame.datum.table->fields();
    if (hint_ < fields.size() && fields[hint_].name == std::string_view(name_)) return fields[hint_].column.get();
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (fields[i].name == std::string_view(name_)) {
        hint_ = i;
        return fields[i].column.get();
      }
    return nullptr;
  }
  Value value(Frame& frame) const override {
    if (!frame.datum.table) return object_value(frame);
    auto const* found = column(frame);
    return found ? found->at(frame.datum.base_row) : Value();
  }
  double number(Frame& frame) const override {
    if (!frame.datum.table) return object_value(frame).to_number();
    auto const* found = column(frame);
    return found ? plain(found->number_at(frame.datum.base_row)) : kNaN;
  }
  bool truth(Frame& frame) const override {
    auto const* found = frame.datum.table ? column(frame) : nullptr;
    if (!found || found->kind() == Column::Kind::Date || !found->numeric()) return value(frame).truthy();
    double const n = found->numbers()[frame.datum.base_row];
    return n != 0 && !std::isnan(n);
  }
  // NaN may stand for null or undefined.
  bool as_number(Frame& frame, double& out) const override {
    auto const* found = frame.datum.table ? column(frame) : nullptr;
    if (!found || found->kind() != Column::Kind::Number) return false;
    out = found->numbers()[frame.datum.base_row];
    return !std::isnan(out);
  }

 private:
  Value object_value(Frame& frame) const {
    if (!frame.datum.object) return {};
    if (frame.datum.object->is_nullish())
      fail("", "cannot read \"" + name_ + "\" of a datum that is " + frame.datum.object->to_string());
    return property_of(*frame.datum.object, std::string_view(name_));
  }
  std::string name_;
  std::size_t slot_;
  mutable std::size_t hint_ = 0;
};

class DatumNode : public Node {
 public:
  Value value(Frame& frame) const override {
    if (frame.datum.table) return frame.datum.table->base_row_value(frame.datum.base_row);
    return frame.datum.object ? *frame.datum.object : Value();
  }
};
class ItemNode : public Node {
 public:
  Value value(Frame& frame) const override { return frame.item ? *frame.item : Value(); }
};

class SignalNode : public Node {
 public:
  SignalNode(std::string name, std::size_t slot) : name_(std::move(name)), slot_(slot) {}
  Value const& get(Frame& frame, Value& keep) const {
    if (!frame.signals) return keep = frame.scope.signal(name_);
    auto& cell = (*frame.signals)[slot_];
    if (!(*frame.signals_known)[slot_]) {
      cell = frame.scope.signal(name_);
      (*frame.signals_known)[slot_] = true;
    }
    return cell;
  }
  Value value(Frame& frame) const override {
    Value keep;
    return get(frame, keep);
  }
  double number(Frame& frame) const override {
    Value keep;
    return get(frame, keep).to_number();
  }
  bool truth(Frame& frame) const override {
    Value keep;
    return get(frame, keep).truthy();
  }

 private:
  std::string name_;
  std::size_t slot_;
};

class MemberNode : public Node {
 public:
  MemberNode(NodePtr object, std::string name, std::string shown)
      : object_(std::move(object)), name_(std::move(name)), shown_(std::move(shown)) {}
  Value value(Frame& frame) const override {
    auto const object = object_->value(frame);
    if (object.is_nullish()) fail("", "cannot read \"" + name_ + "\" of " + object.to_string() + " (" + shown_ + ")");
    return property_of(object, std::string_view(name_));
  }

 private:
  NodePtr object_;
  std::string name_, shown_;
};
class IndexNode : public Node {
 public:
  IndexNode(NodePtr object, NodePtr key, std::string shown)
      : object_(std::move(object)), key_(std::move(key)), shown_(std::move(shown)) {}
  Value value(Frame& frame) const override {
    auto const object = object_->value(frame);
    auto const key = key_->value(frame);
    if (object.is_nullish())
      fail("", "cannot read \"" + js_string(key) + "\" of " + object.to_string() + " (" + shown_ + ")");
    return property_of(object, key);
  }

 private:
  NodePtr object_, key_;
  std::string shown_;
};

class ArrayNode : public Node {
 public:
  explicit ArrayNode(std::vector<NodePtr> items) : items_(std::move(items)) {}
  Value value(Frame& frame) const override {
    Array out;
    out.reserve(items_.size());
    for (auto const& item : items_) out.push_back(item->value(frame));
    return out;
  }

 private:
  std::vector<NodePtr> items_;
};
class ObjectNode : public Node {
 public:
  ObjectNode(std::vector<Str> keys, std::vector<NodePtr> values) : keys_(std::move(keys)), values_(std::move(values)) {}
  Value value(Frame& frame) const override {
    Object out;
    out.entries().reserve(keys_.size());
    for (std::size_t i = 0; i < keys_.size(); ++i) out.entries().emplace_back(keys_[i], values_[i]->value(frame));
    return out;
  }

 private:
  std::vector<Str> keys_;
  std::vector<NodePtr> values_;
};

class ConditionalNode : public Node {
 public:
  ConditionalNode(NodePtr test, NodePtr yes, NodePtr no)
      : test_(std::move(test)), yes_(std::move(yes)), no_(std::move(no)) {}
  Value value(Frame& frame) const override { return (test_->truth(frame) ? yes_ : no_)->value(frame); }
  double number(Frame& frame) const override { return (test_->truth(frame) ? yes_ : no_)->number(frame); }
  bool truth(Frame& frame) const override { return (test_->truth(frame) ? yes_ : no_)->truth(frame); }
  Shape shape(Frame const& frame) const override {
    auto const yes = yes_->shape(frame);
    return yes == no_->shape(frame) ? yes : Shape::Any;
  }

 private:
  NodePtr test_, yes_, no_;
};
class LogicalNode : public Node {
 public:
  LogicalNode(bool is_and, NodePtr left, NodePtr right)
      : and_(is_and), left_(std::move(left)), right_(std::move(right)) {}
  Value value(Frame& frame) const override {
    auto left = left_->value(frame);
    return left.truthy() == and_ ? right_->value(frame) : left;
  }
  bool truth(Frame& frame) const override {
    return and_ ? left_->truth(frame) && right_->truth(frame) : left_->truth(frame) || right_->truth(frame);
  }
  Shape shape(Frame const& frame) const override {
    return left_->shape(frame) == Shape::Boolean && right_->shape(frame) == Shape::Boolean ? Shape::Boolean
                                                                                           : Shape::Any;
  }

 private:
  bool and_;
  NodePtr left_, right_;
};

class UnaryNode : public Node {
 public:
  UnaryNode(Operator op, NodePtr operand) : op_(op), operand_(std::move(operand)) {}
  Value value(Frame& frame) const override {
    if (op_ == Operator::Not) return !operand_->truth(frame);
    return plain(number(frame));
  }
  double number(Frame& frame) const override {
    switch (op_) {
      case Operator::Not:
        return operand_->truth(frame) ? 0 : 1;
      case Operator::Minus:
        return -operand_->number(frame);
      case Operator::BitNot:
        return ~to_int32(operand_->number(frame));
      default:
        return operand_->number(frame);
    }
  }
  bool truth(Frame& frame) const override {
    if (op_ == Operator::Not) return !operand_->truth(frame);
    double const n = number(frame);
    return n != 0 && !std::isnan(n);
  }
  bool as_number(Frame& frame, double& out) const override {
    if (op_ == Operator::Not) return false;
    out = number(frame);
    return true;
  }
  Shape shape(Frame const&) const override { return op_ == Operator::Not ? Shape::Boolean : Shape::Number; }

 private:
  Operator op_;
  NodePtr operand_;
};

class ArithmeticNode : public Node {
 public:
  ArithmeticNode(Operator op, NodePtr left, NodePtr right)
      : op_(op), left_(std::move(left)), right_(std::move(right)) {}
  Value value(Frame& frame) const override { return plain(number(frame)); }
  double number(Frame& frame) const override {
    double const a = left_->number(frame), b = right_->number(frame);
    auto const shift = [&] { return static_cast<std::uint32_t>(to_int32(b)) & 31; };
    switch (op_) {
      case Operator::Subtract:
        return a - b;
      case Operator::Multiply:
        return a * b;
      case Operator::Divide:
        return a / b;
      case Operator::Remainder:
        return js_remainder(a, b);
      case Operator::BitOr:
        return to_int32(a) | to_int32(b);
      case Operator::BitXor:
        return to_int32(a) ^ to_int32(b);
      case Operator::BitAnd:
        return to_int32(a) & to_int32(b);
      case Operator::ShiftLeft:
        return static_cast<std::int32_t>(static_cast<std::uint32_t>(to_int32(a)) << shift());
      case Operator::ShiftRight:
        return to_int32(a) >> shift();
      case Operator::ShiftRightUnsigned:
        return static_cast<std::uint32_t>(to_int32(a)) >> shift();
      default:
        return kNaN;
    }
  }
  bool truth(Frame& frame) const override {
    double const n = number(frame);
    return n != 0 && !std::isnan(n);
  }
  bool as_number(Frame& frame, double& out) const override {
    out = number(frame);
    return true;
  }
  Shape shape(Frame const&) const override { return Shape::Number; }

 private:
  Operator op_;
  NodePtr left_, right_;
};

class AddNode : public Node {
 public:
  AddNode(NodePtr left, NodePtr right) : left_(std::move(left)), right_(std::move(right)) {}
  Value value(Frame& frame) const override {
    auto const left = left_->value(frame), right = right_->value(frame);
    if (left.is_number() && right.is_number()) return plain(left.number() + right.number());
    auto sum = js_add(left, right);
    return sum.is_number() ? Value(plain(sum.number())) : sum;
  }
  double number(Frame& frame) const override {
    if (frame.binding && shape(frame) == Shape::Number) return left_->number(frame) + right_->number(frame);
    return value(frame).to_number();
  }
  bool truth(Frame& frame) const override {
    if (!frame.binding || shape(frame) != Shape::Number) return value(frame).truthy();
    double const n = left_->number(frame) + right_->number(frame);
    return n != 0 && !std::isnan(n);
  }
  bool as_number(Frame& frame, double& out) const override {
    if (!frame.binding || shape(frame) != Shape::Number) return false;
    out = left_->number(frame) + right_->number(frame);
    return true;
  }
  // Adds numbers when no side can be text or a date: known once a pass over a table.
  Shape shape(Frame const& frame) const override {
    if (!frame.binding) return Shape::Any;
    if (frame.binding != known_for_) {
      known_for_ = frame.binding;
      numeric_ = summand(*left_, frame) && summand(*right_, frame);
    }
    return numeric_ ? Shape::Number : Shape::Any;
  }

 private:
  static bool summand(Node const& node, Frame const& frame) {
    if (node.shape(frame) != Shape::Any) return true;
    auto const* field = dynamic_cast<FieldNode const*>(&node);
    auto const* column = field ? field->column(frame) : nullptr;
    return column && (column->kind() == Column::Kind::Number || column->kind() == Column::Kind::Boolean);
  }
  mutable std::uint64_t known_for_ = 0;
  mutable bool numeric_ = false;
  NodePtr left_, right_;
};

class CallNode : public Node {
 public:
  CallNode(FunctionType const& type, std::vector<NodePtr> arguments) : type_(type), arguments_(std::move(arguments)) {
    if (type_.predicate && arguments_.size() == 1) field_ = dynamic_cast<FieldNode const*>(arguments_[0].get());
  }
  Value value(Frame& frame) const override {
    if (fast()) return plain(number(frame));
    std::array<Value, 6> few;
    std::vector<Value> many;
    Value* at = few.data();
    if (arguments_.size() > few.size()) {
      many.resize(arguments_.size());
      at = many.data();
    }
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      at[i] = arguments_[i]->value(frame);
      if (at[i].is_string()) budget::steps(at[i].string().size() / 4);  // Copied, compared, looked up.
    }
    return type_.call(Call{frame.scope, std::span<Value const>(at, arguments_.size()), type_.name});
  }
  double number(Frame& frame) const override {
    if (type_.unary && arguments_.size() == 1) return type_.unary(arguments_[0]->number(frame));
    if (type_.binary && arguments_.size() == 2)
      return type_.binary(arguments_[0]->number(frame), arguments_[1]->number(frame));
    return value(frame).to_number();
  }
  bool truth(Frame& frame) const override {
    if (type_.predicate && arguments_.size() == 1) {
      if (auto const* column = field_ && frame.columns ? field_->column(frame) : nullptr;
          column && column->kind() == Column::Kind::Number)
        return type_.predicate(column->numbers()[frame.datum.base_row]);
      if (arguments_[0]->shape(frame) == Shape::Number) return type_.predicate(arguments_[0]->number(frame));
    }
    return value(frame).truthy();
  }
  bool as_number(Frame& frame, double& out) const override {
    if (!fast()) return false;
    out = number(frame);
    return true;
  }
  Shape shape(Frame const&) const override {
    return fast() ? Shape::Number : type_.predicate ? Shape::Boolean : Shape::Any;
  }

 private:
  bool fast() const { return (type_.unary && arguments_.size() == 1) || (type_.binary && arguments_.size() == 2); }
  FunctionType const& type_;
  std::vector<NodePtr> arguments_;
  FieldNode const* field_ = nullptr;  // The only argument of a predicate, when it is a field.
};

bool same_on_every_row(Node const& node) {
  return dynamic_cast<LiteralNode const*>(&node) || dynamic_cast<SignalNode const*>(&node);
}

struct Constant {
  std::string_view name;
  double value;
};
constexpr std::array<Constant, 11> kConstants{{{"NaN", kNaN},
                                               {"E", 2.718281828459045},
                                               {"LN2", 0.6931471805599453},
                                               {"LN10", 2.302585092994046},
                                               {"LOG2E", 1.4426950408889634},
                                               {"LOG10E", 0.4342944819032518},
                                               {"PI", 3.141592653589793},
                                               {"SQRT1_2", 0.7071067811865476},
                                               {"SQRT2", 1.4142135623730951},
                                               {"MIN_VALUE", 5e-324},
                                               {"MAX_VALUE", 1.7976931348623157e308}}};

struct Compiler {
  CompiledTree& out;
  std::string_view text;
  std::string const& path;

  [[noreturn]] void error(AstNode const& at, std::string const& what) {
    std::string shown(text.substr(0, 200));
    if (text.size() > 200) shown += "...";
    fail(path, "expression \"" + shown + "\", column " + std::to_string(at.start + 1) + ": " + what);
  }
  std::size_t slot(std::vector<std::string>& names, std::string const& name) {
    auto const found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    names.push_back(name);
    return names.size() - 1;
  }
  std::vector<NodePtr> all(std::vector<AstPtr> const& children) {
    std::vector<NodePtr> nodes;
    for (auto const& child : children) nodes.push_back(node(*child));
    return nodes;
  }

  NodePtr node(AstNode const& ast) {
    ++out.nodes;
    using Kind = AstNode::Kind;
    switch (ast.kind) {
      case Kind::Literal:
        return std::make_unique<LiteralNode>(ast.literal);
      case Kind::Identifier:
        return identifier(ast);
      case Kind::Member:
        return member(ast);
      case Kind::Call:
        return call(ast);
      case Kind::Array:
        return list(all(ast.children));
      case Kind::Object:
        return std::make_unique<ObjectNode>(ast.keys, all(ast.children));
      case Kind::Unary:
        return std::make_unique<UnaryNode>(ast.op, node(*ast.children[0]));
      case Kind::Logical: {
        auto left = node(*ast.children[0]);
        return std::make_unique<LogicalNode>(ast.op == Operator::And, std::move(left), node(*ast.children[1]));
      }
      case Kind::Conditional: {
        auto test = node(*ast.children[0]), yes = node(*ast.children[1]);
        return std::make_unique<ConditionalNode>(std::move(test), std::move(yes), node(*ast.children[2]));
      }
      case Kind::Binary:
        break;
    }
    auto left = node(*ast.children[0]), right = node(*ast.children[1]);
    if (ast.op == Operator::Add) return std::make_unique<AddNode>(std::move(left), std::move(right));
    if (ast.op >= Operator::Equal && ast.op <= Operator::InstanceOf)
      return make_compare(ast.op, std::move(left), std::move(right));
    return std::make_unique<ArithmeticNode>(ast.op, std::move(left), std::move(right));
  }

  // A list of constants is one itself.
  static NodePtr list(std::vector<NodePtr> items) {
    Array constants;
    for (auto const& item : items)
      if (auto const* literal = dynamic_cast<LiteralNode const*>(item.get())) constants.push_back(literal->literal());
    if (constants.size() != items.size()) return std::make_unique<ArrayNode>(std::move(items));
    return std::make_unique<LiteralNode>(std::move(constants));
  }

  NodePtr identifier(AstNode const& ast) {
    if (ast.name == "datum") {
      out.uses_datum = true;
      return std::make_unique<DatumNode>();
    }
    if (ast.name == "item") {
      out.uses_datum = out.uses_item = true;
      return std::make_unique<ItemNode>();
    }
    if (ast.name == "event") return std::make_unique<LiteralNode>(Value());
    if (ast.name == "_") error(ast, "the name \"_\" is not allowed");
    for (auto const& constant : kConstants)
      if (constant.name == ast.name) return std::make_unique<LiteralNode>(constant.value);
    return std::make_unique<SignalNode>(ast.name, slot(out.signals, ast.name));
  }

  NodePtr member(AstNode const& ast) {
    auto const& object = *ast.children[0];
    auto const& property = *ast.children[1];
    std::string key;
    bool fixed = true;
    if (!ast.computed)
      key = property.name;
    else if (property.kind == AstNode::Kind::Literal && !property.literal.is_regexp())
      key = property.literal.to_string();
    else
      fixed = false;
    if (fixed && object.kind == AstNode::Kind::Identifier && object.name == "datum") {
      out.uses_datum = true;
      auto const at = slot(out.fields, key);
      return std::make_unique<FieldNode>(std::move(key), at);
    }
    auto compiled = node(object);
    std::string shown(text.substr(object.start, std::min<std::size_t>(60, property.start - object.start)));
    while (!shown.empty() && (shown.back() == '.' || shown.back() == '[' || shown.back() == ' ')) shown.pop_back();
    if (fixed) return std::make_unique<MemberNode>(std::move(compiled), std::move(key), std::move(shown));
    return std::make_unique<IndexNode>(std::move(compiled), node(property), std::move(shown));
  }

  NodePtr call(AstNode const& ast) {
    auto const count = static_cast<int>(ast.children.size());
    if (ast.name == "if") {
      if (count != 3) error(ast, "if expects 3 arguments, not " + std::to_string(count));
      auto test = node(*ast.children[0]), yes = node(*ast.children[1]);
      return std::make_unique<ConditionalNode>(std::move(test), std::move(yes), node(*ast.children[2]));
    }
    auto const* type = find_function(ast.name);
    if (!type) error(ast, "unknown function \"" + ast.name + "\"");
    if (count < type->min_arguments)
      error(ast, ast.name + " expects " + std::to_string(type->min_arguments) + " or more arguments, not " +
                     std::to_string(count));
    if (type->max_arguments >= 0 && count > type->max_arguments)
      error(ast, ast.name + " expects at most " + std::to_string(type->max_arguments) + " arguments, not " +
                     std::to_string(count));
    if (type->varies) out.uses_datum = true;
    auto arguments = all(ast.children);
    if (ast.name == "indexof" && count == 2 && same_on_every_row(*arguments[0]))
      return make_index_of(*type, std::move(arguments[0]), std::move(arguments[1]));
    return std::make_unique<CallNode>(*type, std::move(arguments));
  }
};

}  // namespace

CompiledTree compile(AstNode const& ast, std::string_view text, std::string const& path) {
  CompiledTree tree;
  tree.root = Compiler{tree, text, path}.node(ast);
  tree.depth = ast.depth;
  return tree;
}

}  // namespace cml::vega
