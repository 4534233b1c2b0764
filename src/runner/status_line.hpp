// The lines that others parse: CML's own JSON, byte for byte (keys sorted, as its logger sorted them).
#pragma once

#include <string>
#include <string_view>

#include "runner/life_cycle.hpp"

namespace cml::runner {

// {"date":...,"level":"info","message":"runner status","repo":...,"status":"ready"}
std::string status_line(Announce const&, std::string_view repo, Time now);
std::string terminated_line(std::string_view reason);
// {"level":"info","message":"..."}; a message that is JSON itself is what `jq '.message | fromjson'` wants.
std::string message_line(std::string_view message);

}  // namespace cml::runner
