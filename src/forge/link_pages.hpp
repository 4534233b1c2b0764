// Lists that come in pages named by Link headers (RFC 8288), as GitHub and Gitea give them.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <vector>

#include "forge/json_api.hpp"

namespace cml {

// Every element of every page, in order. When the first page names the last one, those between are asked for in
// parallel. `first` carries the credential; a next page on another host is an error, so that the token stays with the
// API's own.
Status each_linked(HttpClient&, HttpRequest const& first, Explain, Beside*, EachElement const&);

}  // namespace cml
