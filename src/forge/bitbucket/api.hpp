// Bitbucket's addresses, credentials, paging and errors.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

#include "base/secret.hpp"
#include "forge/json_api.hpp"
#include "ports/http.hpp"

namespace cml::bitbucket {

Refusal explain(HttpRequest const&, HttpResponse const&);

// API tokens and app passwords come as "user:secret" or as its base64 (CML's form): Basic. Everything else is an access
// token: Bearer.
bool is_login(Secret const& token);  // "user:secret": a person's.
Secret authorization_for(Secret const& token);
// "user:password" for git over HTTPS.
Secret git_login(Secret const& token);

class Api {
 public:
  Api(HttpClient& http, std::string base, Secret const& token, std::string workspace_and_slug);
  HttpRequest request(std::string method, std::string const& path) const;
  HttpRequest request(std::string method, std::string const& path, nlohmann::json const& body, Repeat) const;
  // `path` below the API itself, e.g. "/workspaces/w/pipelines-config/runners".
  HttpRequest request_at_base(std::string method, std::string const& path) const {
    return authorized(std::move(method), base_ + path);
  }
  Result<nlohmann::json> call(HttpRequest const&) const;
  Result<nlohmann::json> read(HttpRequest const&, Result<HttpResponse> const&) const;
  Status each(std::string const& path, int page_length, Beside*, EachElement const&) const;
  Result<std::vector<nlohmann::json>> list(std::string const& path, int page_length) const;
  HttpClient& http() const { return http_; }

 private:
  HttpRequest authorized(std::string method, std::string url) const;

  HttpClient& http_;
  std::string base_;
  Secret authorization_;
  std::string repository_;
};

}  // namespace cml::bitbucket
