// GitHub's REST API, version 2022-11-28: addresses, headers, paging and errors. Calls themselves are in the other files
// here.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

#include "base/secret.hpp"
#include "forge/link_pages.hpp"
#include "forge/repository.hpp"
#include "ports/http.hpp"

namespace cml::github {

Refusal explain(HttpRequest const&, HttpResponse const&);

// "https://api.github.com", "https://api.NAME.ghe.com", or Enterprise Server's "https://HOST/api/v3".
std::string api_of(Repository const&);

class Api {
 public:
  Api(HttpClient& http, std::string base, Secret token, std::string owner_and_name);

  // `path` below the repository, e.g. "/issues/3/comments".
  HttpRequest request(std::string method, std::string const& path) const;
  HttpRequest request(std::string method, std::string const& path, nlohmann::json const& body, Repeat) const;
  // `path` below the API itself, e.g. "/orgs/o/actions/runners".
  HttpRequest request_at_base(std::string method, std::string const& path) const {
    return authorized(std::move(method), base_ + path);
  }

  Result<nlohmann::json> call(HttpRequest const&) const;
  Result<std::vector<Result<nlohmann::json>>> call_all(std::vector<HttpRequest> const&, int parallel) const;
  // Every element of a list, over all its pages; pages after the first are asked for in parallel.
  Status each(std::string const& path, Beside*, EachElement const&) const;
  Result<std::vector<nlohmann::json>> list(std::string const& path, Beside* = nullptr) const;
  Result<nlohmann::json> graphql(std::string const& document, nlohmann::json const& variables,
                                 Repeat = Repeat::Safe) const;
  HttpRequest graphql_request(std::string const& document, nlohmann::json const& variables, Repeat) const;
  // The data of an answer. Its errors by their type: Conflict for stale data, Forbidden, NotFound, RateLimited, else
  // BadInput.
  Result<nlohmann::json> read_graphql(HttpRequest const&, Result<HttpResponse> const&) const;
  std::string const& repository() const { return repository_; }

  // The JSON of a 2xx answer, or the refusal as an Error.
  Result<nlohmann::json> read(HttpRequest const&, Result<HttpResponse> const&) const;
  HttpClient& http() const { return http_; }

 private:
  HttpRequest authorized(std::string method, std::string url) const;

  HttpClient& http_;
  std::string base_;  // "https://api.github.com" or "https://HOST/api/v3"
  Secret authorization_;
  std::string repository_;
};

}  // namespace cml::github
