#include "app/commands/all.hpp"
#include "app/commands/comment_post.hpp"

namespace cml {

Action declare_comment_create(Flags& flags) { return declare_comment(flags, false); }

}  // namespace cml
