// Media types by libmagic, opened on first use.
#pragma once

#include <memory>

#include "ports/mime.hpp"

namespace cml {

class MagicMime : public MimeSniffer {
 public:
  MagicMime();
  ~MagicMime() override;
  Result<std::string> mime_type(std::string_view bytes) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cml
