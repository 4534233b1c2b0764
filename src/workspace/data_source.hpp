// What data and image URLs of a chart lead to: files through the Door, and URLs that the command line allowed.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "ports/http.hpp"
#include "workspace/door.hpp"

namespace cml {

class DataSource {
 public:
  // Relative URLs start in `folder`. Without `http` nothing is fetched.
  DataSource(Door const& door, std::filesystem::path folder, HttpClient* http = nullptr,
             std::vector<std::string> allowed_urls = {})
      : door_(door), folder_(std::move(folder)), http_(http), allowed_urls_(std::move(allowed_urls)) {}

  Result<std::string> load(std::string_view url) const;

 private:
  Result<std::string> fetch(std::string_view url) const;

  Door const& door_;
  std::filesystem::path folder_;
  HttpClient* http_;
  std::vector<std::string> allowed_urls_;
};

}  // namespace cml
