#include "base/secret.hpp"

#include <catch2/catch.hpp>

#include "base/base64.hpp"
#include "base/secret_names.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

using namespace cml;

TEST_CASE("secret: it is blanked out wherever it stands, in every form", "[base][secret]") {
  Secret const token("tok/en+Value=1234567");
  CHECK(without_secrets("a tok/en+Value=1234567 b") == "a *** b");
  CHECK(without_secrets("https://h/?t=" + percent_encode(token.reveal())) == "https://h/?t=***");
  for (std::string_view before : {"", "u", "ab", "x-access-token:"}) {
    std::string const basic = base64_encode(std::string(before) + token.reveal() + "!");
    INFO(basic);
    CHECK(contains(without_secrets("Basic " + basic), "***"));
    // What is left does not give it back.
    CHECK_FALSE(contains(base64_decode(replace_all(without_secrets(basic), "***", "")).value_or(""), "Value=1234"));
  }
  CHECK(holds_secret("..tok/en+Value=1234567.."));
  CHECK(without_secrets("nothing here") == "nothing here");
}

TEST_CASE("secret: what a server echoes does not show our credential in any form in which it is sent",
          "[base][secret]") {
  std::string const token = "ghp_SECRET/TOKEN", pair = "me@x.test:api-token-1";
  Secret const bearer("Bearer " + token), basic("Basic " + base64_encode(pair)), key("AKIA:se/cret-key"), none, b("b");
  for (std::string const& form : {"Bearer " + token, token, base64_encode(token), percent_encode(token)})
    CHECK(without_secrets("bad token " + form + "!").find("ECRET") == std::string::npos);
  CHECK(without_secrets("bad " + token) == "bad ***");
  for (std::string const& form :
       {"Basic " + base64_encode(pair), base64_encode(pair), pair, std::string("api-token-1")})
    CHECK(without_secrets("<" + form + ">") == "<***>");
  CHECK(without_secrets("key id AKIA, secret se/cret-key") == "key id AKIA, secret ***");
  CHECK(without_secrets("a b c") == "a b c");  // Too short to be a secret.
}

TEST_CASE("secret: escapes of whatever letters, as addresses and JSON have them, hide no secret", "[base][secret]") {
  Secret const token("tok/en+Value=7654321"), plain("plainTOKEN99");
  for (char const* form : {"tok/en%2BValue%3D7654321", "tok%2fen%2bValue%3d7654321", R"(tok\/en+Value=7654321)",
                           R"(\u0074ok\u002fen\u002BValue=7654321)", "%70lain%54OKEN99"}) {
    INFO(form);
    CHECK(holds_secret(form));
    CHECK(without_secrets("a " + std::string(form) + " b " + form) == "a *** b ***");
  }
  CHECK(without_secrets("100%25 of C:\\x\\u12 %zz %") == "100%25 of C:\\x\\u12 %zz %");
}

TEST_CASE("secret: short ones are words, and the longer of two goes first", "[base][secret]") {
  remember_secret("main");
  CHECK(without_secrets("the branch main") == "the branch main");
  remember_secret("fake-secret");
  remember_secret("fake-secret-longer");
  CHECK(without_secrets("fake-secret-longer fake-secret") == "*** ***");
}

TEST_CASE("secret names: variables that hold credentials are known by whole words", "[base][secret]") {
  for (char const* name :
       {"REPO_TOKEN", "repo_token", "GITHUB_TOKEN", "CI_JOB_TOKEN", "AWS_SECRET_ACCESS_KEY", "DB_PASSWORD",
        "PGPASSWORD", "AZURE_CLIENT_SECRET", "OPENAI_API_KEY", "NPMTOKEN", "SSH_PRIVATE_KEY", "CI_JOB_JWT_V2", "GH_PAT",
        "DOCKER_AUTH_CONFIG", "KUBERNETES_CONFIGURATION", "GPG_PASSPHRASE", "AZURE_STORAGE_CONNECTION_STRING"}) {
    INFO(name);
    CHECK(is_secret_name(name));
  }
  for (char const* name : {"TOKENIZERS_PARALLELISM", "PATH", "CACHE_KEY", "AWS_ACCESS_KEYS_DIR", "GIT_CONFIG_VALUE_0",
                           "SECRETARY", "GITHUB_REPOSITORY", "GIT_TOKEN", "PATH", "SSH_AUTH_SOCK", "KUBECONFIG"}) {
    INFO(name);
    CHECK_FALSE(is_secret_name(name));
  }
}
