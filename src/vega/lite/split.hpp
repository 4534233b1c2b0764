// Properties that a user gave (explicit) and that we derived (implicit), kept apart so that merging views can
// prefer what was asked for.
#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "vega/lite/context.hpp"

namespace cml::vega::lite {

struct Explicit {
  bool is_explicit = false;
  Value value;
};

struct Split {
  Value explicit_props{Object()}, implicit_props{Object()};

  Value combine() const { return spread({explicit_props, implicit_props}); }
  Value const& get(std::string_view key) const {
    auto const& given = explicit_props[key];
    return given.defined() ? given : implicit_props[key];
  }
  Explicit get_with_explicit(std::string_view key) const {
    auto const& given = explicit_props[key];
    if (given.defined()) return {true, given};
    return {false, implicit_props[key]};
  }
  void set(std::string_view key, Value value, bool is_explicit) {
    (is_explicit ? implicit_props : explicit_props).erase(key);
    (is_explicit ? explicit_props : implicit_props).set(key, std::move(value));
  }
  void set_with_explicit(std::string_view key, Explicit const& v) {
    if (v.value.defined()) set(key, v.value, v.is_explicit);
  }
};

using TieBreaker = std::function<Explicit(Explicit const&, Explicit const&)>;
// The first of two equally good values wins, with a warning when both were asked for.
Explicit default_tie_breaker(Context& ctx, Explicit const& a, Explicit const& b, std::string_view property,
                             std::string_view of);
Explicit merge_explicit(Context& ctx, Explicit const& a, Explicit const& b, std::string_view property,
                        std::string_view of, TieBreaker const& tie_breaker = {});
Explicit merge_title_component(Explicit const& a, Explicit const& b);
Value merge_titles(Value const& a, Value const& b);
Value merge_title_field_defs(Value const& a, Value const& b);

// A map that keeps the order of insertion.
template <class T>
class OrderedMap {
 public:
  using Entry = std::pair<std::string, T>;
  T* find(std::string_view key) {
    for (auto& e : entries_)
      if (e.first == key) return &e.second;
    return nullptr;
  }
  T const* find(std::string_view key) const { return const_cast<OrderedMap*>(this)->find(key); }
  T get(std::string_view key) const {
    auto const* found = find(key);
    return found ? *found : T{};
  }
  T& operator[](std::string_view key) {
    if (auto* found = find(key)) return *found;
    entries_.emplace_back(std::string(key), T{});
    return entries_.back().second;
  }
  void erase(std::string_view key) {
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (entries_[i].first == key) {
        entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
        return;
      }
  }
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }
  auto begin() { return entries_.begin(); }
  auto end() { return entries_.end(); }
  Strings keys() const {
    Strings out;
    for (auto const& e : entries_) out.push_back(e.first);
    return out;
  }

 private:
  std::vector<Entry> entries_;
};

}  // namespace cml::vega::lite
