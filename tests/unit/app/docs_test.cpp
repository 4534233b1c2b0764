// The pages in docs/commands keep up with the commands.
#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

#include "app/commands.hpp"
#include "base/text.hpp"

using namespace cml;

TEST_CASE("docs: every command has a page that names its options", "[app][docs]") {
  for (Command const& command : commands()) {
    if (!command.listed) continue;
    std::string const name = replace_all(std::string(command.name), " ", "-");
    INFO("docs/commands/" + name + ".md");
    std::ifstream file(CML_SOURCE_DIR "/docs/commands/" + name + ".md");
    REQUIRE(file);
    std::stringstream text;
    text << file.rdbuf();
    std::string const page = text.str();
    CHECK(contains(page, "# cml " + std::string(command.name)));
    bool const refers = contains(page, "All options are those of");
    Flags flags;
    command.declare(flags);
    for (Flag const& flag : flags.all()) {
      INFO(flag.names.front());
      CHECK((refers || flag.hidden || contains(page, "`" + flag.names.front())));
    }
  }
}
