#include "app/commands/all.hpp"

#include <memory>

#include "app/commands/runner_common.hpp"
#include "base/text.hpp"
#include "runner/logs.hpp"
#include "runner/machine_id.hpp"

namespace cml {
namespace {

struct LogsOptions {
  std::vector<std::string> ids, regions;
};

}  // namespace

Action declare_runner_logs(Flags& flags) {
  auto const options = std::make_shared<LogsOptions>();
  flags.positional("ID", &options->ids, 1, 1, "a machine as cml runner list names it");
  comma_list(flags, "--cloud-region", &options->regions,
             "Regions to look into; default: all that the cloud lets us see");
  return [options](Context& context) -> Status {
    std::string const& id = options->ids.front();
    std::string const name = runner::cloud_of_id(id);  // The name says which cloud it was made in.
    if (name.empty())
      return Error{ErrorKind::Usage,
                   "\"" + one_line(id, 60) +
                       "\" is not a machine that cml made in a cloud; cml runner list --cloud=... names "
                       "them"};
    CML_TRY(place, cloud::make_cloud(name, cloud_setup(context)));
    return runner::show_logs(context, *place, options->regions, id, context.options.json);
  };
}

}  // namespace cml
