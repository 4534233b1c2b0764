#pragma once

#include <string_view>

namespace cml {

// True for names of environment variables that hold a credential, by what they are called: GITHUB_TOKEN, repo_token,
// AWS_SECRET_ACCESS_KEY, DB_PASSWORD. Children that need none are started without them.
bool is_secret_name(std::string_view name);

}  // namespace cml
