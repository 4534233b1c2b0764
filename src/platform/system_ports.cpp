#include "platform/system_ports.hpp"

#include <unistd.h>

#include <cstdlib>
#include <thread>

namespace cml {

std::chrono::system_clock::time_point SystemClock::now() { return std::chrono::system_clock::now(); }

void SystemClock::sleep_for(std::chrono::milliseconds duration) { std::this_thread::sleep_for(duration); }

std::optional<std::string> SystemEnvironment::get(std::string_view name) const {
  char const* value = std::getenv(std::string(name).c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::vector<std::pair<std::string, std::string>> SystemEnvironment::all() const {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view const line(*entry);
    auto const equals = line.find('=');
    if (equals != std::string_view::npos) variables.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  return variables;
}

std::uint64_t SystemRandom::next() { return std::uint64_t{device_()} << 32 | device_(); }

}  // namespace cml
