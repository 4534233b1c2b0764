// Data files that several pictures of one process show: read, parsed and put into columns once.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "vega/value/table.hpp"

namespace cml::vega {

// Tables are never changed, so pictures share them; not between threads. Only for files that stay the same meanwhile.
class DataCache {
 public:
  // Null when there is none.
  TableRef find(std::string const& key) const {
    auto const found = tables_.find(key);
    return found == tables_.end() ? TableRef() : found->second;
  }
  // `bytes` is the size of the source; what goes beyond the limit is read again each time.
  void keep(std::string key, TableRef table, std::size_t bytes) {
    if (bytes > kMaxBytes - held_) return;
    held_ += bytes;
    tables_.emplace(std::move(key), std::move(table));
  }

 private:
  static constexpr std::size_t kMaxBytes = 64u << 20;
  std::map<std::string, TableRef> tables_;
  std::size_t held_ = 0;
};

}  // namespace cml::vega
