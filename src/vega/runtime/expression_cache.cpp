#include "vega/runtime/expression_cache.hpp"

#include <unordered_map>

namespace cml::vega {
namespace {

constexpr std::size_t kMostKept = 4096, kLongestKept = 1000;  // Expressions; bytes of a text.

}  // namespace

std::shared_ptr<Expression const> compiled_expression(std::string_view text, std::string const& path) {
  if (text.size() > kLongestKept) return std::make_shared<Expression const>(text, path);
  thread_local std::unordered_map<std::string, std::shared_ptr<Expression const>> kept;
  std::string key = path + '\n';
  key += text;
  if (auto const found = kept.find(key); found != kept.end()) return found->second;
  if (kept.size() >= kMostKept) kept.clear();
  return kept[std::move(key)] = std::make_shared<Expression const>(text, path);
}

}  // namespace cml::vega
