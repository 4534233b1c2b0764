#include "app/commands/all.hpp"

namespace cml {

// TensorBoard.dev is gone; the command stays so that old pipelines get an answer instead of "unknown command".
Action declare_tensorboard_connect(Flags& flags) {
  static std::string ignored;
  static bool ignored_flag = false;
  for (char const* name : {"--credentials,-c", "--logdir", "--name", "--description", "--title,-t", "--file,-f"})
    flags.text(name, &ignored, "Ignored").hide();
  for (char const* name : {"--md", "--rm-watermark"}) flags.boolean(name, &ignored_flag, "Ignored").hide();
  return [](Context&) -> Status {
    return Error{ErrorKind::Unsupported,
                 "TensorBoard.dev was shut down on January 1, 2024; show the curves in the report itself: write them "
                 "as a Vega-Lite "
                 "plot and post it by cml comment create"};
  };
}

}  // namespace cml
