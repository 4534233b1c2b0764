#include "app/commands/all.hpp"
#include "app/commands/comment_post.hpp"

namespace cml {

Action declare_comment_update(Flags& flags) { return declare_comment(flags, true); }

}  // namespace cml
