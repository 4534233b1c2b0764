#include <catch2/catch.hpp>

#include "vega/lite/themes.hpp"

using namespace cml;
using namespace cml::vega;

TEST_CASE("themes: every one is a configuration", "[vega][lite][themes]") {
  auto const names = lite::theme_names();
  CHECK(names.size() == 14);
  for (auto name : names) {
    INFO(name);
    auto const config = lite::theme(name);
    REQUIRE(config);
    CHECK(config->is_object());
  }
  CHECK((*lite::theme("dark"))["background"].to_string() == "#333");
}

TEST_CASE("themes: an unknown one names the nearest", "[vega][lite][themes]") {
  auto const config = lite::theme("darc");
  REQUIRE_FALSE(config);
  CHECK(config.error().kind == ErrorKind::NotFound);
  CHECK(config.error().message.find("did you mean \"dark\"?") != std::string::npos);
}
