// Gitea's REST API v1: addresses, credentials, paging and errors.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

#include "base/secret.hpp"
#include "forge/json_api.hpp"
#include "ports/http.hpp"

namespace cml::gitea {

Refusal explain(HttpRequest const&, HttpResponse const&);

// A web path taken apart: where Gitea lives below its host ("" or "/SUB/PATH"), and "owner/name" (or an owner alone).
struct Place {
  std::string sub_path, repository;
};
Place place_of(std::string const& web_path);

class Api {
 public:
  // `base` ends in "/api/v1".
  Api(HttpClient& http, std::string base, Secret const& token, std::string owner_and_name);
  // `path` below the repository, e.g. "/issues/3/comments".
  HttpRequest request(std::string method, std::string const& path) const;
  HttpRequest request(std::string method, std::string const& path, nlohmann::json const& body, Repeat) const;
  // `path` below the API itself, e.g. "/orgs/o/actions/runners".
  HttpRequest request_at_base(std::string method, std::string const& path) const;
  Result<nlohmann::json> call(HttpRequest const&) const;
  Result<nlohmann::json> read(HttpRequest const&, Result<HttpResponse> const&) const;
  // Every element of every page.
  Status each(std::string const& path, Beside*, EachElement const&) const;
  Result<std::vector<nlohmann::json>> list(std::string const& path) const;
  HttpClient& http() const { return http_; }

 private:
  HttpClient& http_;
  std::string base_;
  Secret authorization_;
  std::string repository_;
};

}  // namespace cml::gitea
