#include "vega/expr/compare.hpp"

#include "vega/expr/coerce.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

// Numbers are compared as they are; a Value is made only of what may be something else.
class CompareNode : public Node {
 public:
  CompareNode(Operator op, NodePtr left, NodePtr right) : op_(op), left_(std::move(left)), right_(std::move(right)) {}
  Value value(Frame& frame) const override { return truth(frame); }
  double number(Frame& frame) const override { return truth(frame); }
  bool truth(Frame& frame) const override {
    double a = 0, b = 0;
    bool const left_number = left_->as_number(frame, a), right_number = right_->as_number(frame, b);
    if (left_number && right_number && op_ < Operator::In) return of_numbers(a, b);
    auto const left = left_number ? Value(a) : left_->value(frame);
    auto const right = right_number ? Value(b) : right_->value(frame);
    if (left.is_number() && right.is_number() && op_ < Operator::In) return of_numbers(left.number(), right.number());
    switch (op_) {
      case Operator::Equal:
        return js_equal(left, right);
      case Operator::NotEqual:
        return !js_equal(left, right);
      case Operator::Same:
        return js_same(left, right);
      case Operator::NotSame:
        return !js_same(left, right);
      case Operator::Less:
        return js_less(left, right);
      case Operator::Greater:
        return js_less(right, left);
      case Operator::LessEqual:
        return js_less_equal(left, right);
      case Operator::GreaterEqual:
        return js_less_equal(right, left);
      case Operator::In:
        if (right.is_object()) return right.has(js_string(left));
        if (is_list(right) || right.is_string()) {
          auto const key = js_string(left);
          return key == "length" || property_of(right, std::string_view(key)).defined();
        }
        fail("", "the right side of \"in\" is not an object");
      default:
        fail("", "\"instanceof\" has nothing to compare with in an expression");
    }
  }
  Shape shape(Frame const&) const override { return Shape::Boolean; }

 private:
  bool of_numbers(double a, double b) const {
    switch (op_) {
      case Operator::Equal:
      case Operator::Same:
        return a == b;
      case Operator::NotEqual:
      case Operator::NotSame:
        return a != b;
      case Operator::Less:
        return a < b;
      case Operator::Greater:
        return a > b;
      case Operator::LessEqual:
        return a <= b;
      default:
        return a >= b;
    }
  }
  Operator op_;
  NodePtr left_, right_;
};

}  // namespace

NodePtr make_compare(Operator op, NodePtr left, NodePtr right) {
  return std::make_unique<CompareNode>(op, std::move(left), std::move(right));
}

}  // namespace cml::vega
