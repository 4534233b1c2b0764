// "This machine will be taken away": how each cloud says it to the machine itself.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "ports/environment.hpp"
#include "ports/http.hpp"
#include "runner/life_cycle.hpp"

namespace cml::runner {

// Asks once, within two seconds. Empty for clouds without such a service ("kubernetes" sends SIGTERM).
std::function<std::optional<Interruption>()> notices_of(std::string_view cloud, HttpClient&, Environment const&);

}  // namespace cml::runner
