#include "app/commands/all.hpp"

namespace cml {
Action declare_comment_create(Flags&) { return {}; }
Action declare_comment_update(Flags&) { return {}; }
Action declare_asset_publish(Flags&) { return {}; }
}  // namespace cml
