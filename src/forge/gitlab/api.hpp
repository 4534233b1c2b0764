// GitLab's REST API v4: finding its base below a sub-path, paging and errors.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

#include "base/secret.hpp"
#include "forge/json_api.hpp"
#include "forge/repository.hpp"
#include "ports/http.hpp"

namespace cml::gitlab {

Refusal explain(HttpRequest const&, HttpResponse const&);

class Api {
 public:
  // An empty `base` is looked for on first use: "https://HOST[/sub/path]/api/v4".
  Api(HttpClient& http, Repository repository, std::string base, Secret token);

  // `path` below the project, e.g. "/merge_requests/3/notes".
  Result<HttpRequest> request(std::string method, std::string const& path);
  Result<HttpRequest> request(std::string method, std::string const& path, nlohmann::json const& body, Repeat);
  // `path` below the API's base, e.g. "/users?username=me".
  Result<HttpRequest> request_at_base(std::string method, std::string const& path);
  Result<nlohmann::json> call(HttpRequest const&) const;
  Result<nlohmann::json> read(HttpRequest const&, Result<HttpResponse> const&) const;
  // Every element of every page.
  Status each(std::string const& path, Beside*, EachElement const&);
  Result<std::vector<nlohmann::json>> list(std::string const& path);
  HttpClient& http() const { return http_; }

 private:
  HttpRequest authorized(std::string method, std::string url) const;
  Status find_base();

  HttpClient& http_;
  Repository repository_;
  std::string base_, project_;  // The project's path, percent-encoded.
  Secret token_;
};

}  // namespace cml::gitlab
