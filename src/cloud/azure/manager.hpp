// Requests to Azure Resource Manager: its errors as ours, its pages, its operations that take minutes.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "cloud/azure/credentials.hpp"

namespace cml::cloud::azure {

class Manager {
 public:
  Manager(CloudSetup setup, Access access) : setup_(std::move(setup)), access_(std::move(access)) {}

  // `path` follows the subscription: "/resourcegroups/x?api-version=...". The answer is an object, an array or null.
  // TooLarge: no capacity, no quota, or not offered here.
  Result<nlohmann::json> call(std::string method, std::string const& path, nlohmann::json const& body = nullptr) const;
  // All pages of a list.
  Result<std::vector<nlohmann::json>> list(std::string const& path) const;
  // PUT, and the wait until the resource is there or has failed.
  Status put(std::string const& path, nlohmann::json const& body) const;
  // DELETE, asked for and accepted; what is gone already is fine.
  Status remove(std::string const& path) const;
  // DELETE, and the wait until it is gone.
  Status remove_and_wait(std::string const& path) const;

  // The id of a resource: "/subscriptions/S" and what follows.
  std::string id(std::string const& path) const;
  Access const& access() const { return access_; }

 private:
  Result<HttpResponse> send(std::string const& method, std::string const& url, nlohmann::json const& body) const;
  Error refused(std::string const& what, int status, nlohmann::json const& answer) const;
  bool renew() const;

  CloudSetup setup_;
  mutable Access access_;
};

}  // namespace cml::cloud::azure
