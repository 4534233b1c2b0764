#include "vega/runtime/data_cache.hpp"

namespace cml::vega {

LoadedData DataStore::get(std::string const& key, LoadData const& load) {
  std::unique_lock lock(mutex_);
  auto const [found, first] = entries_.try_emplace(key);
  auto& entry = found->second;
  if (first) {
    lock.unlock();
    try {
      auto data = load();
      data.keep = settle(entry, &data);
      return data;
    } catch (...) {
      settle(entry, nullptr);
      throw;
    }
  }
  settled_.wait(lock, [&] { return entry.state != State::Loading; });
  lock.unlock();  // A settled entry does not change.
  if (entry.state == State::Ready) return {entry.data.table->clone(), entry.data.bytes, true};
  auto data = load();
  data.keep = false;
  return data;
}

bool DataStore::settle(Entry& entry, LoadedData const* data) {
  std::lock_guard const lock(mutex_);
  bool const kept = data && data->keep && data->bytes <= kMaxBytes - held_;
  if (kept) {
    held_ += data->bytes;
    entry.data = *data;
  }
  entry.state = kept ? State::Ready : State::Apart;
  settled_.notify_all();
  return kept;
}

LoadedData DataCache::get(std::string const& key, LoadData const& load) {
  if (auto const known = known_.find(key); known != known_.end()) return known->second;
  auto data = store_.get(prefix_ + key, load);
  if (data.keep) known_.emplace(key, data);
  return data;
}

}  // namespace cml::vega
