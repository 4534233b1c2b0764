#include "cloud/azure/credentials.hpp"

#include <optional>

#include "base/text.hpp"
#include "base/url.hpp"
#include "cloud/json_text.hpp"

namespace cml::cloud::azure {
namespace {

using nlohmann::json;

constexpr char const* kAudience = "api://AzureADTokenExchange";
// What the firmware of every Azure machine says of itself.
constexpr std::string_view kAssetTag = "7783-7084-3265-9085-8269-3286-77";

struct Sovereign {
  std::string_view authority, manager;
};
constexpr Sovereign kClouds[] = {
    {"https://login.microsoftonline.com", "https://management.azure.com"},
    {"https://login.microsoftonline.us", "https://management.usgovcloudapi.net"},
    {"https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn"},
};

class Finder {
 public:
  explicit Finder(CloudSetup const& setup) : setup_(setup) {}

  Result<Access> find() {
    authority_ = variable("AZURE_AUTHORITY_HOST");
    while (!authority_.empty() && authority_.back() == '/') authority_.pop_back();
    if (authority_.empty()) authority_ = kClouds[0].authority;
    if (!contains(authority_, "://")) authority_ = "https://" + authority_;
    for (Sovereign const& one : kClouds)
      if (one.authority == authority_) access_.manager = one.manager;
    if (access_.manager.empty())
      return Error{ErrorKind::Usage, "AZURE_AUTHORITY_HOST \"" + one_line(safe_url(authority_), 80) +
                                         "\" is not known; leave it out, or use https://login.microsoftonline.us or "
                                         "https://login.chinacloudapi.cn"};
    access_.subscription = variable("AZURE_SUBSCRIPTION_ID");
    CML_TRY(token, find_token());
    access_.authorization = Secret("Bearer " + token);
    if (access_.subscription.empty())
      return Error{ErrorKind::Usage, "no Azure subscription: set AZURE_SUBSCRIPTION_ID"};
    return access_;
  }

 private:
  std::string variable(std::string_view name) const {
    return std::string(trim(setup_.environment->get(name).value_or("")));
  }

  Result<std::string> find_token() {
    std::string const client = variable("AZURE_CLIENT_ID"), tenant = variable("AZURE_TENANT_ID"),
                      secret = variable("AZURE_CLIENT_SECRET");
    if (!secret.empty()) {
      if (client.empty() || tenant.empty())
        return Error{ErrorKind::Usage, "AZURE_CLIENT_SECRET needs AZURE_CLIENT_ID and AZURE_TENANT_ID beside it"};
      return login({{"client_secret", secret}}, "AZURE_CLIENT_SECRET");
    }
    if (!client.empty() && !tenant.empty()) {
      CML_TRY(assertion, find_assertion());
      if (assertion)
        return login({{"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                      {"client_assertion", *assertion}},
                     assertion_source_);
    }
    auto const tag = setup_.files->read("/sys/class/dmi/id/chassis_asset_tag", 4096);
    if (!variable("CML_AZURE_METADATA_ENDPOINT").empty() || (tag && trim(*tag) == kAssetTag))
      return by_managed_identity(client);
    return Error{ErrorKind::Unauthorized,
                 "no Azure credentials: looked, with AZURE_CLIENT_ID and AZURE_TENANT_ID, for AZURE_CLIENT_SECRET, "
                 "AZURE_FEDERATED_TOKEN_FILE, an identity token of the CI (AZURE_ID_TOKEN, "
                 "GITLAB_OIDC_TOKEN, BITBUCKET_STEP_OIDC_TOKEN, GitHub's) and for this machine's managed identity"};
  }

  // A token of somebody whom the application trusts: a file, a variable of the CI, or GitHub on request.
  Result<std::optional<std::string>> find_assertion() {
    if (std::string const file = variable("AZURE_FEDERATED_TOKEN_FILE"); !file.empty()) {
      assertion_source_ = "AZURE_FEDERATED_TOKEN_FILE";
      CML_TRY(text, setup_.files->read(file, 1u << 20));
      return std::optional(std::string(trim(text)));
    }
    for (char const* name : {"AZURE_ID_TOKEN", "GITLAB_OIDC_TOKEN", "BITBUCKET_STEP_OIDC_TOKEN"})
      if (std::string const token = variable(name); !token.empty()) {
        assertion_source_ = name;
        return std::optional(token);
      }
    std::string const url = variable("ACTIONS_ID_TOKEN_REQUEST_URL");
    if (url.empty()) return std::optional<std::string>();
    assertion_source_ = "GitHub's identity token";
    HttpRequest ask{.url = url + (contains(url, "?") ? "&" : "?") + "audience=" + percent_encode(kAudience)};
    ask.credential_header = "Authorization";
    ask.credential = Secret("Bearer " + variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN"));
    CML_TRY(answer, setup_.http->send(ask));
    std::string const token = text_at(json::parse(answer.body, nullptr, false), "/value");
    if (token.empty())
      return Error{ErrorKind::Unauthorized, "GitHub gave no identity token (" + std::to_string(answer.status) +
                                                "); add \"permissions: id-token: write\" to the job"};
    return std::optional(token);
  }

  Result<std::string> login(Pairs const& proof, std::string const& source) {
    access_.source = source;
    HttpRequest request{.method = "POST",
                        .url = authority_ + "/" + percent_encode(variable("AZURE_TENANT_ID")) + "/oauth2/v2.0/token"};
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = "grant_type=client_credentials&client_id=" + percent_encode(variable("AZURE_CLIENT_ID")) +
                   "&scope=" + percent_encode(access_.manager + "/.default");
    for (auto const& [name, value] : proof) request.body += "&" + name + "=" + percent_encode(value);
    return token_of(request);
  }

  Result<std::string> by_managed_identity(std::string const& client) {
    access_.source = "this machine's managed identity";
    std::string const given = variable("CML_AZURE_METADATA_ENDPOINT"),
                      base = (given.empty() ? "http://169.254.169.254" : given) + "/metadata/";
    auto const ask = [&](std::string const& path) {
      return HttpRequest{.url = base + path, .headers = {{"Metadata", "true"}}, .timeout = std::chrono::seconds(5)};
    };
    if (access_.subscription.empty())
      if (auto const answer =
              setup_.http->send(ask("instance/compute/subscriptionId?api-version=2021-02-01&format=text"));
          answer && answer->status == 200)
        access_.subscription = std::string(trim(answer->body));
    return token_of(
        ask("identity/oauth2/token?api-version=2018-02-01&resource=" + percent_encode(access_.manager + "/") +
            (client.empty() ? "" : "&client_id=" + percent_encode(client))));
  }

  Result<std::string> token_of(HttpRequest const& request) {
    CML_TRY(answer, setup_.http->send(request));
    json const body = json::parse(answer.body, nullptr, false);
    if (std::string token = text_at(body, "/access_token"); answer.status == 200 && !token.empty()) return token;
    std::string said = text_at(body, "/error_description");
    if (said.empty()) said = text_at(body, "/error");
    return Error{answer.status >= 500 ? ErrorKind::Network : ErrorKind::Unauthorized,
                 "Azure refused " + access_.source + " (" + std::to_string(answer.status) + "): " + clean_line(said)};
  }

  CloudSetup const& setup_;
  Access access_;
  std::string authority_, assertion_source_;
};

}  // namespace

Result<Access> find_access(CloudSetup const& setup) { return Finder(setup).find(); }

}  // namespace cml::cloud::azure
