#include "vega/expr/membership.hpp"

#include <cmath>
#include <unordered_map>

#include "vega/expr/coerce.hpp"
#include "vega/value/budget.hpp"

namespace cml::vega {
namespace {

// Where the items of a list first stand. Numbers and texts are hashed; there are few different values of other kinds.
class ItemIndex {
 public:
  void build(Value list) {
    list_ = std::move(list);
    numbers_.clear(), texts_.clear(), others_.clear();
    auto const& items = list_.items();
    budget::steps(20 * items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      auto const& item = items[i];
      if (item.is_number())
        numbers_.emplace(unsigned_zero(item.number()), i);
      else if (item.is_string())
        texts_.emplace(item.string(), i);
      else
        others_.push_back(i);
    }
  }
  bool is_of(Value const& list) const { return list_.is_array() && list_.identity() == list.identity(); }
  double find(Value const& wanted) const {
    if (wanted.is_number()) return find_number(wanted.number());
    if (wanted.is_string()) {
      auto const found = texts_.find(wanted.string());
      return found == texts_.end() ? -1 : static_cast<double>(found->second);
    }
    for (auto const i : others_)
      if (js_same(list_.at(i), wanted)) return static_cast<double>(i);
    return -1;
  }
  double find_number(double wanted) const {
    auto const found = std::isnan(wanted) ? numbers_.end() : numbers_.find(unsigned_zero(wanted));
    return found == numbers_.end() ? -1 : static_cast<double>(found->second);
  }

 private:
  static double unsigned_zero(double n) { return n == 0 ? 0 : n; }
  Value list_;  // Kept, so that no other list can take its place in memory.
  std::unordered_map<double, std::size_t> numbers_;
  std::unordered_map<std::string_view, std::size_t> texts_;  // Views of the list's own.
  std::vector<std::size_t> others_;
};

class IndexOfNode : public Node {
 public:
  IndexOfNode(FunctionType const& type, NodePtr list, NodePtr wanted)
      : type_(type), list_(std::move(list)), wanted_(std::move(wanted)) {}
  Value value(Frame& frame) const override {
    auto const list = list_->value(frame);
    double number = 0;
    bool const is_number = wanted_->as_number(frame, number);
    if (list.is_array()) {
      if (!index_.is_of(list)) index_.build(list);
      return is_number ? index_.find_number(number) : index_.find(wanted_->value(frame));
    }
    Value const arguments[] = {list, is_number ? Value(number) : wanted_->value(frame)};
    return type_.call(Call{frame.scope, arguments, type_.name});
  }
  bool as_number(Frame& frame, double& out) const override {
    out = value(frame).number();
    return true;
  }
  Shape shape(Frame const&) const override { return Shape::Number; }

 private:
  FunctionType const& type_;
  NodePtr list_, wanted_;
  mutable ItemIndex index_;
};

}  // namespace

NodePtr make_index_of(FunctionType const& type, NodePtr list, NodePtr wanted) {
  return std::make_unique<IndexOfNode>(type, std::move(list), std::move(wanted));
}

}  // namespace cml::vega
