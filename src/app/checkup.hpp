// What cml doctor looks at, one function a thing; each answers with findings and remedies, none with an error.
#pragma once

#include <string>
#include <vector>

#include "app/context.hpp"
#include "base/choice.hpp"

namespace cml {

enum class Health { Good, Warning, Bad };
inline constexpr Choice<Health> kHealth[] = {
    {"ok", Health::Good}, {"warning", Health::Warning}, {"error", Health::Bad}};

struct Finding {
  std::string about;  // "token"
  Health health = Health::Good;
  std::string text, remedy;  // One line each; no remedy where all is well.
};

// Git and the clone, the forge and the token, the network's surroundings, fonts, clouds (those named, else those whose
// credentials are in the environment).
std::vector<Finding> check_up(Context&, std::vector<std::string> clouds);

}  // namespace cml
