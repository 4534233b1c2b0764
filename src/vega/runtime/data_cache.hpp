// Data files that several pictures of one process show: read, parsed and put into columns once.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "vega/value/table.hpp"

namespace cml::vega {

struct LoadedData {
  TableRef table;
  std::size_t bytes = 0;  // Of the source.
  bool keep = true;       // False: the next picture loads it again.
};
using LoadData = std::function<LoadedData()>;

// What the threads of a process have loaded; it must outlive them. References are counted without locks, so each thread
// has tables of its own: the one that loaded a file the original, the others copies.
class DataStore {
 public:
  // The first thread that asks for `key` loads it, those that come meanwhile wait. What failed or is not to be kept
  // each asker loads for itself, so that errors and warnings name its own picture; so are files beyond the limit.
  LoadedData get(std::string const& key, LoadData const& load);

 private:
  enum class State { Loading, Ready, Apart };
  struct Entry {
    State state = State::Loading;
    LoadedData data;  // When ready; only its thread counts references to it until all are gone.
  };
  // Lets the others go on. False: not kept.
  bool settle(Entry& entry, LoadedData const* data);

  static constexpr std::size_t kMaxBytes = 64u << 20;
  std::mutex mutex_;
  std::condition_variable settled_;
  std::map<std::string, Entry> entries_;
  std::size_t held_ = 0;
};

// One thread's tables of a base folder. Only for files that stay the same meanwhile.
class DataCache {
 public:
  DataCache(DataStore& store, std::string const& folder) : store_(store), prefix_(folder + '\n') {}
  LoadedData get(std::string const& key, LoadData const& load);

 private:
  DataStore& store_;
  std::string prefix_;
  std::map<std::string, LoadedData> known_;
};

}  // namespace cml::vega
