#include "vega/scene/channel.hpp"

#include <catch2/catch.hpp>

using namespace cml::vega;

TEST_CASE("channels: each is found by its name, and nothing else is", "[vega][scene]") {
  for (std::size_t c = 0; c < kChannels; ++c) {
    INFO(channel_name(static_cast<Ch>(c)));
    CHECK(find_channel(channel_name(static_cast<Ch>(c))) == static_cast<Ch>(c));
  }
  for (char const* name : {"", "X", "xx", "fil", "fills", "anchors", "colour"}) CHECK_FALSE(find_channel(name));
}
