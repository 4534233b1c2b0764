#include "base/secret_names.hpp"

#include <algorithm>
#include <iterator>

#include "base/text.hpp"

namespace cml {

bool is_secret_name(std::string_view name) {
  // Whole words only: TOKENIZERS_PARALLELISM is none.
  constexpr std::string_view kWords[] = {"_TOKEN_",
                                         "_SECRET_",
                                         "_SECRETS_",
                                         "_PASSWORD_",
                                         "_PASSWD_",
                                         "_PASSPHRASE_",
                                         "_CREDENTIALS_",
                                         "_API_KEY_",
                                         "_APIKEY_",
                                         "_PRIVATE_KEY_",
                                         "_ACCESS_KEY_",
                                         "_SECRET_KEY_",
                                         "_JWT_",
                                         "_PAT_",
                                         "_CONNECTION_STRING_",
                                         "_DOCKER_AUTH_CONFIG_",
                                         "_KUBERNETES_CONFIGURATION_"};
  constexpr std::string_view kEnds[] = {"TOKEN_", "PASSWORD_", "SECRET_"};
  std::string const upper = "_" + to_upper(name) + "_";
  // git's own variables stay: what they carry is meant for git.
  if (upper.starts_with("_GIT_")) return false;
  auto const has = [&](std::string_view word) { return contains(upper, word); };
  auto const ends = [&](std::string_view word) { return upper.ends_with(word); };
  return std::any_of(std::begin(kWords), std::end(kWords), has) ||
         std::any_of(std::begin(kEnds), std::end(kEnds), ends);
}

}  // namespace cml
