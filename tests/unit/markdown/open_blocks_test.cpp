#include "markdown/open_blocks.hpp"

#include <catch2/catch.hpp>

using namespace cml::markdown;

TEST_CASE("open blocks: what is closed, and how the rest is opened again", "[markdown]") {
  struct Row {
    std::string piece, closing, reopening;
  };
  for (Row const& row : {Row{"text\n", "", ""}, Row{"```sh\nls\n", "\n```\n", "```sh\n"},
                         Row{"```sh\nls\n```\n", "", ""}, Row{"~~~~\nx\n```\n", "\n~~~~\n", "~~~~\n"},
                         // Ends with its list; a fence at the margin would open a new block.
                         Row{"- a\n\n  ```sh\n  ls\n", "", "- ```sh\n"},
                         Row{"10. a\n    ```\n    ls\n", "", "-   ```\n"}, Row{"> ```\n> x\n", "", "> ```\n"},
                         Row{"> - ```\n>   x\n", "", "> - ```\n"}, Row{"a\n\n<!-- hidden\n", "\n-->\n", "<!--\n"},
                         Row{"a\n\n<!-- hidden -->\n", "", ""}, Row{"<![CDATA[\nx\n", "\n]]>\n", "<![CDATA[\n"},
                         Row{"<![CDATA[\nx\n]]>\n", "", ""}, Row{"<pre>\nx\n", "\n</pre>\n", "<pre>\n"},
                         Row{"<details>\n<summary>s</summary>\n\ntext\n", "\n</details>\n",
                             "<details open><summary>continued</summary>\n\n"},
                         Row{"`<details>` and\n\n```\n<details>\n```\n", "", ""}}) {
    INFO(row.piece);
    auto const open = open_blocks(row.piece);
    CHECK(open.closing == row.closing);
    CHECK(open.reopening == row.reopening);
    CHECK(open.swallows == (!row.closing.empty() && row.closing != "\n</details>\n"));
    CHECK_FALSE(open_blocks(row.piece + row.closing).swallows);
  }
}
