// One line per command: declares its flags and returns its action (app/commands.hpp).
#pragma once

#include "app/commands.hpp"

namespace cml {

Action declare_comment_create(Flags&);
Action declare_comment_update(Flags&);
Action declare_asset_publish(Flags&);

}  // namespace cml
