#include "report/dialect.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"

using namespace cml;

TEST_CASE("dialect: lines that a forge would run as commands are shown, paths stay as they are", "[report][security]") {
  Capabilities can;
  can.runs_commands = true;
  Diagnostics diagnostics;
  CHECK(in_dialect("# Log\n\n/close\n/Merge now\ntext /close\n /close\n/\n/usr/bin/env x\n```\n/a/b\n```\n/approve",
                   can, "gitlab", diagnostics) ==
        "# Log\n\n\\/close\n\\/Merge now\ntext /close\n /close\n/\n/usr/bin/env x\n```\n/a/b\n```\n\\/approve");
  REQUIRE(diagnostics.warnings().size() == 1);
  CHECK(contains(diagnostics.warnings()[0].text, "\"/close\""));
  can.runs_commands = false;
  CHECK(in_dialect("/close\n", can, "github", diagnostics) == "/close\n");
}

TEST_CASE("dialect: what GitLab takes for no code runs no command", "[report][security]") {
  Capabilities can;
  can.runs_commands = true;
  // GitLab takes "\r" out, and knows code by lines "```" alone.
  for (std::string const text :
       {"\r/merge\n", "/\rmerge\n", "/me\rrge\r\n", "````\n```\n/merge\n```\n````\n", "~~~\n/merge\n~~~\n",
        "<b>\n```\n</b>\n/merge\n```\n", "- ```\n/merge\n", "```\n/merge"}) {
    INFO(text);
    Diagnostics diagnostics;
    std::string const shown = replace_all(in_dialect(text, can, "gitlab", diagnostics), "\r", "");
    CHECK(("\n" + shown).find("\n/merge") == std::string::npos);
    CHECK(contains(shown, "/merge"));
    CHECK(diagnostics.warnings().size() == 1);
  }
}

TEST_CASE("dialect: a forge that shows HTML as text gets Markdown, and what stays is said", "[report]") {
  Capabilities can;
  can.html = false;
  Diagnostics diagnostics;
  CHECK(in_dialect("<img src=\"https://h.test/a.png\" alt=\"A\" width=\"9\">\n", can, "bitbucket", diagnostics) ==
        "![A](https://h.test/a.png)\n");
  CHECK(diagnostics.warnings().empty());
  CHECK(in_dialect("<video></video>\n", can, "bitbucket", diagnostics) == "<video></video>\n");
  REQUIRE(diagnostics.warnings().size() == 1);
  CHECK(diagnostics.warnings()[0].missed);
}

TEST_CASE("dialect: alerts become quotations where the forge has none, code stays as it is", "[report]") {
  Capabilities can;
  Diagnostics diagnostics;
  std::string const report =
      "> [!WARNING]\n> Late.\n\n- > [!note]\n\n> see [!NOTE]\n\n> [!NEWS]\n\n```\n> [!TIP]\n```\n[!TIP]\n";
  CHECK(in_dialect(report, can, "github", diagnostics) == report);
  can.alerts = false;
  CHECK(in_dialect(report, can, "bitbucket", diagnostics) ==
        "> **Warning**  \n> Late.\n\n- > [!note]\n\n> see [!NOTE]\n\n> [!NEWS]\n\n```\n> [!TIP]\n```\n[!TIP]\n");
  CHECK(diagnostics.warnings().empty());
}
