// What the runner commands share: the forge whose runners are meant, and the ports as the runner room takes them.
#pragma once

#include "app/context.hpp"
#include "app/flags.hpp"
#include "cloud/cloud.hpp"
#include "runner/launch.hpp"

namespace cml {

struct RunnerSession {
  std::unique_ptr<runner::RunnerForge> forge;
  std::string api_url;  // Of the forge, where the options or the CI name one.
  bool has_token = true;
};
// `registered`: this machine was handed a registration, so no token is needed.
Result<RunnerSession> open_runner_session(Context&, bool registered);
cloud::CloudSetup cloud_setup(Context&);
Flag& duration_flag(Flags&, std::string_view names, std::optional<std::chrono::seconds>* target, std::string help);
Flag& comma_list(Flags&, std::string_view names, std::vector<std::string>* target, std::string help);

}  // namespace cml
