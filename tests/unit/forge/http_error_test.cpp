#include "forge/http_error.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"
#include "forge/github/api.hpp"

using namespace cml;

namespace {

HttpRequest comment_request() {
  return {.method = "POST", .url = "https://api.github.com/repos/o/r/issues/7/comments", .body = "0123456789"};
}

}  // namespace

TEST_CASE("refusals: the hint follows the forge's reason, not always the token's permissions", "[forge]") {
  struct Case {
    int status;
    std::string message, hint;
  };
  HttpHeaders const headers{{"x-accepted-github-permissions", "issues=write; pull_requests=write"}};
  for (Case const& c : std::vector<Case>{
           {403, "Unable to create comment because issue is locked.", "unlock it"},
           {403, "Repository was archived so is read-only.", "unarchive it"},
           {403,
            "Although you appear to have the correct authorization credentials, the `acme` organization has an IP "
            "allow "
            "list enabled, and your IP address 192.0.2.1 is not permitted to access this resource.",
            "IP allow list, or run where"},
           {422, "refusing to allow a GitHub App to create or update workflow `a.yml` without `workflows` permission",
            "scope workflow"},
           {423, "Repository is archived", "unarchive it"},
           {403, "Must have admin rights", "issues: write"},
           {403, "Repository access blocked", "issues: write"}}) {
    INFO(c.message);
    HttpResponse const response{c.status, headers, "{\"message\":\"" + c.message + "\"}"};
    Error const error = refused(comment_request(), response, github::explain(comment_request(), response));
    INFO(error.message);
    CHECK(contains(error.message, c.hint));
    CHECK(contains(error.message, "issues: write") == (c.hint == "issues: write"));
    if (c.status != 422) CHECK(error.kind == ErrorKind::Forbidden);
  }
}

TEST_CASE("refusals: 401 and 403 are two kinds, and a limit says how long it lasts", "[forge]") {
  auto const kind_of = [](HttpResponse const& response) { return refused(comment_request(), response, {}).kind; };
  CHECK(kind_of({401, {}, ""}) == ErrorKind::Unauthorized);
  CHECK(kind_of({403, {}, ""}) == ErrorKind::Forbidden);
  Error const limit = refused(comment_request(), {429, {{"retry-after", "3600"}}, ""}, {});
  CHECK(limit.kind == ErrorKind::RateLimited);
  CHECK(contains(limit.message, "Retry-After: 3600 s"));
  Error const odd = refused(comment_request(), {429, {{"retry-after", "1\n::error::x"}}, ""}, {});
  CHECK_FALSE(contains(odd.message, "::error"));
}
