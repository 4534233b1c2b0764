// The real binary on files whose names a stranger chose.
#include <catch2/catch.hpp>

#include <string>

#include "base/text.hpp"
#include "support/git_repository.hpp"
#include "support/run_cml.hpp"

using namespace cml;
using namespace cml::test;

TEST_CASE("hostile names: a published file's name is one line of plain text in the Markdown that is printed",
          "[cli][security]") {
  GitPlace place;
  std::string const name = "a\n::error::x <b>*y* _z_ @mallory [w](javascript:1) `q`|.csv";
  place.put(name, "a,b\n1,2\n");
  auto const run = run_cml({"asset", "publish", "--publish-to=dir:public", "--md", name}, place.clone, "",
                           {{"CML_DRIVER", "local"}});
  INFO(run.out << run.err);
  REQUIRE(run.exit_code == 0);
  CHECK(run.out.starts_with("[a "));
  CHECK(run.out.find('\n') == run.out.size() - 1);
  for (char const* part : {"\\*y\\*", "\\_z\\_", "\\[w\\]", "\\`q\\`\\|", "&lt;b"}) CHECK(contains(run.out, part));
  for (char const* part : {"<b>", "@mallory"}) CHECK_FALSE(contains(run.out, part));

  auto const planned = run_cml({"asset", "publish", "--publish-to=dir:public", "--dry-run", name}, place.clone, "",
                               {{"CML_DRIVER", "local"}});
  CHECK(planned.out.find('\n') == planned.out.size() - 1);
  CHECK(planned.out.starts_with("would publish a "));
}
