#include "vega/runtime/data_cache.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "vega/value/error.hpp"
#include "vega/value/json.hpp"

using namespace cml;
using namespace cml::vega;

namespace {

constexpr std::size_t kThreads = 4;

TableRef small_table() { return parse_json_data(R"([{"a":1,"s":"x"}])").value().table_ref(); }

// What each thread's cache answers when all ask for the same at the same time: the table as text, or the error.
std::vector<std::string> ask_at_once(DataStore& store, LoadData const& load) {
  std::vector<std::string> answers(kThreads);
  std::vector<std::thread> threads;
  std::atomic<std::size_t> there = 0;
  for (auto& answer : answers)
    threads.emplace_back([&] {
      DataCache cache(store, "folder");
      for (++there; there < kThreads;) std::this_thread::yield();
      try {
        for (int i = 0; i < 2; ++i) answer = to_json(Value(cache.get("key", load).table));
      } catch (EngineError const& error) {
        answer = error.error().message;
      }
    });
  for (auto& thread : threads) thread.join();
  return answers;
}

}  // namespace

TEST_CASE("data store: threads that ask at once cause one load and get the same content", "[vega][runtime]") {
  DataStore store;
  std::atomic<int> loads = 0;
  auto const answers = ask_at_once(store, [&] {
    ++loads;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));  // Long enough for the others to wait.
    return LoadedData{small_table(), 10};
  });
  CHECK(loads == 1);
  CHECK(answers == std::vector<std::string>(kThreads, R"([{"a":1,"s":"x"}])"));
}

TEST_CASE("data store: a load that fails fails for every thread, in its own words", "[vega][runtime]") {
  DataStore store;
  std::atomic<int> loads = 0;
  auto const answers = ask_at_once(store, [&]() -> LoadedData {
    ++loads;
    fail("$", "no such file");
  });
  CHECK(loads == kThreads);
  for (auto const& answer : answers) CHECK(answer.find("no such file") != std::string::npos);
}

TEST_CASE("data store: what is not to be kept, or beyond the limit, is loaded by every asker", "[vega][runtime]") {
  auto const [bytes, keep] =
      GENERATE(std::pair<std::size_t, bool>{10, false}, std::pair<std::size_t, bool>{1u << 30, true});
  DataStore store;
  std::atomic<int> loads = 0;
  auto const answers = ask_at_once(store, [&, bytes = bytes, keep = keep] {
    ++loads;
    return LoadedData{small_table(), bytes, keep};
  });
  CHECK(loads == 2 * kThreads);
  CHECK(answers == std::vector<std::string>(kThreads, R"([{"a":1,"s":"x"}])"));
}

TEST_CASE("data cache: a thread has one table a file, folders and threads have their own", "[vega][runtime]") {
  DataStore store;
  int loads = 0;
  auto const load = [&] { return ++loads, LoadedData{small_table(), 10}; };
  DataCache first(store, "here"), second(store, "here"), elsewhere(store, "there");
  auto const original = first.get("key", load).table;
  CHECK(first.get("key", load).table == original);
  auto const copy = second.get("key", load).table;
  CHECK_FALSE(copy == original);
  CHECK(second.get("key", load).table == copy);
  CHECK(loads == 1);
  elsewhere.get("key", load);
  CHECK(loads == 2);
}
