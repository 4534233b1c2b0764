#include "cloud/gcp/credentials.hpp"

#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "cloud/json_text.hpp"
#include "ports/signer.hpp"

namespace cml::cloud::gcp {
namespace {

using nlohmann::json;

constexpr char const* kScope = "https://www.googleapis.com/auth/compute";
constexpr char const* kPlatform = "https://www.googleapis.com/auth/cloud-platform";
constexpr char const* kTokenUrl = "https://oauth2.googleapis.com/token";

std::string base64url(std::string_view bytes) {
  std::string text = replace_all(replace_all(base64_encode(bytes), "+", "-"), "/", "_");
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

class Finder {
 public:
  explicit Finder(CloudSetup const& setup) : setup_(setup) {}

  Result<Access> find() {
    CML_TRY(access, find_token());
    for (char const* name : {"CLOUDSDK_CORE_PROJECT", "CLOUDSDK_PROJECT", "GCLOUD_PROJECT", "GCP_PROJECT",
                             "GOOGLE_CLOUD_PROJECT", "GOOGLE_PROJECT"})
      if (access.project.empty()) access.project = variable(name);
    if (access.project.empty())
      return Error{ErrorKind::Usage, "no Google Cloud project: it is not in the credentials; set GOOGLE_CLOUD_PROJECT"};
    return access;
  }

 private:
  std::string variable(std::string_view name) const {
    return std::string(trim(setup_.environment->get(name).value_or("")));
  }

  Result<Access> find_token() {
    for (char const* name : {"CML_GCP_ACCESS_TOKEN", "GOOGLE_OAUTH_ACCESS_TOKEN"})
      if (std::string const token = variable(name); !token.empty()) return Access{Secret("Bearer " + token), "", name};
    if (auto const text = setup_.environment->get("GOOGLE_APPLICATION_CREDENTIALS_DATA"); text && !trim(*text).empty())
      return from_json(*text, "GOOGLE_APPLICATION_CREDENTIALS_DATA");
    if (std::string const path = variable("GOOGLE_APPLICATION_CREDENTIALS"); !path.empty()) {
      CML_TRY(text, setup_.files->read(path, 1u << 20));
      return from_json(text, path);
    }
    auto const own =
        setup_.files->read(variable("HOME") + "/.config/gcloud/application_default_credentials.json", 1u << 20);
    if (own) return from_json(*own, "gcloud's application default credentials");
    auto const vendor = setup_.files->read("/sys/class/dmi/id/product_name", 4096);
    if (!variable("GCE_METADATA_HOST").empty() || (vendor && contains(*vendor, "Google"))) return from_metadata();
    return Error{ErrorKind::Unauthorized,
                 "no Google Cloud credentials: looked for CML_GCP_ACCESS_TOKEN, GOOGLE_OAUTH_ACCESS_TOKEN, "
                 "GOOGLE_APPLICATION_CREDENTIALS_DATA (contents), "
                 "GOOGLE_APPLICATION_CREDENTIALS (file), gcloud's application default credentials and this machine's "
                 "service account"};
  }

  Result<json> ask(HttpRequest const& request, std::string const& what) {
    CML_TRY(response, setup_.http->send(request));
    json const body = json::parse(response.body, nullptr, false);
    if (response.status < 300 && body.is_object()) return body;
    std::string said = text_of(body, "error_description");
    if (said.empty()) said = text_of(body, "error");
    bool const clock = contains(said, "Invalid JWT") && contains(said, "time");
    return Error{ErrorKind::Unauthorized, what + " was refused (" + std::to_string(response.status) +
                                              "): " + clean_line(said) + (clock ? "; check this machine's clock" : "")};
  }
  HttpRequest form(std::string url, Pairs const& fields) const {
    HttpRequest request{
        .method = "POST", .url = std::move(url), .headers = {{"Content-Type", "application/x-www-form-urlencoded"}}};
    for (auto const& [name, value] : fields)
      request.body += (request.body.empty() ? "" : "&") + name + "=" + percent_encode(value);
    return request;
  }

  Result<Access> from_json(std::string const& text, std::string const& source) {
    json const body = json::parse(text, nullptr, false);
    std::string const type = text_of(body, "type");
    Access access{{}, text_of(body, "project_id"), source};
    if (access.project.empty()) access.project = text_of(body, "quota_project_id");
    json token;
    if (type == "service_account") {
      CML_TRY(answer, by_service_account(body));
      token = std::move(answer);
    } else if (type == "authorized_user") {
      CML_TRY(answer, ask(form(kTokenUrl, {{"grant_type", "refresh_token"},
                                           {"client_id", text_of(body, "client_id")},
                                           {"client_secret", text_of(body, "client_secret")},
                                           {"refresh_token", text_of(body, "refresh_token")}}),
                          "the refresh token of " + source));
      token = std::move(answer);
    } else if (type == "external_account") {
      CML_TRY(answer, by_federation(body, source, access));
      token = std::move(answer);
    } else {
      return Error{
          ErrorKind::Unauthorized,
          source +
              " holds no credentials of a kind that is known (service_account, authorized_user, external_account)"};
    }
    std::string secret = text_of(token, "access_token");
    if (secret.empty()) secret = text_of(token, "accessToken");
    if (secret.empty()) return Error{ErrorKind::Unauthorized, "Google sent no access token for " + source};
    access.authorization = Secret("Bearer " + secret);
    return access;
  }

  Result<json> by_service_account(json const& body) {
    if (setup_.signer == nullptr) return Error{ErrorKind::Bug, "no signer"};
    auto const now = std::chrono::duration_cast<std::chrono::seconds>(setup_.clock->now().time_since_epoch()).count();
    std::string const url = text_of(body, "token_uri").empty() ? kTokenUrl : text_of(body, "token_uri");
    json const header{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", text_of(body, "private_key_id")}};
    json const claims{
        {"iss", text_of(body, "client_email")}, {"scope", kScope}, {"aud", url}, {"iat", now}, {"exp", now + 3600}};
    std::string const message = base64url(header.dump()) + "." + base64url(claims.dump());
    CML_TRY(signature, setup_.signer->rs256(Secret(text_of(body, "private_key")), message));
    return ask(form(url, {{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                          {"assertion", message + "." + base64url(signature)}}),
               "the service account " + text_of(body, "client_email"));
  }

  // Workload identity federation: the CI's token for a short-lived one, then a service account's by impersonation.
  Result<json> by_federation(json const& body, std::string const& source, Access& access) {
    json const from = body.value("credential_source", json::object());
    std::string subject;
    if (std::string const file = text_of(from, "file"); !file.empty()) {
      CML_TRY(text, setup_.files->read(file, 1u << 20));
      subject = std::string(trim(text));
    } else if (std::string const url = text_of(from, "url"); !url.empty()) {
      HttpRequest request{.url = url};
      if (from.contains("headers") && from["headers"].is_object())
        for (auto const& [name, value] : from["headers"].items()) {
          if (!value.is_string()) continue;
          if (equals_ignoring_case(name, "authorization"))
            request.credential_header = name, request.credential = Secret(value.get<std::string>());
          else
            request.headers.emplace_back(name, value.get<std::string>());
        }
      CML_TRY(response, setup_.http->send(request));
      subject = std::string(trim(response.body));
    } else {
      return Error{ErrorKind::Unsupported, source + ": its credential_source is neither a file nor a url"};
    }
    if (json const format = from.value("format", json::object()); text_of(format, "type") == "json")
      subject = text_of(json::parse(subject, nullptr, false), text_of(format, "subject_token_field_name"));
    if (subject.empty()) return Error{ErrorKind::Unauthorized, source + ": its source gave no token"};
    std::string const sts =
        text_of(body, "token_url").empty() ? "https://sts.googleapis.com/v1/token" : text_of(body, "token_url");
    CML_TRY(token, ask(form(sts, {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                                  {"audience", text_of(body, "audience")},
                                  {"scope", kPlatform},
                                  {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                                  {"subject_token", subject},
                                  {"subject_token_type", text_of(body, "subject_token_type")}}),
                       "the federated identity of " + source));
    std::string const impersonate = text_of(body, "service_account_impersonation_url");
    if (impersonate.empty()) return token;
    // ".../serviceAccounts/NAME@PROJECT.iam.gserviceaccount.com:generateAccessToken"
    auto const at = impersonate.find('@'), dot = impersonate.find('.', at == std::string::npos ? 0 : at);
    if (access.project.empty() && at != std::string::npos && dot != std::string::npos)
      access.project = impersonate.substr(at + 1, dot - at - 1);
    HttpRequest request{.method = "POST",
                        .url = impersonate,
                        .headers = {{"Content-Type", "application/json"}},
                        .body = json{{"scope", {kScope}}}.dump()};
    request.credential_header = "Authorization";
    request.credential = Secret("Bearer " + text_of(token, "access_token"));
    return ask(request, "impersonating a service account by " + source);
  }

  Result<Access> from_metadata() {
    std::string const host = variable("GCE_METADATA_HOST").empty() ? "169.254.169.254" : variable("GCE_METADATA_HOST");
    auto const get = [&](std::string const& path) {
      HttpRequest request{.url = "http://" + host + "/computeMetadata/v1/" + path,
                          .headers = {{"Metadata-Flavor", "Google"}}};
      request.timeout = std::chrono::seconds(5);
      return setup_.http->send(request);
    };
    CML_TRY(token, get("instance/service-accounts/default/token"));
    std::string const secret = text_of(json::parse(token.body, nullptr, false), "access_token");
    if (secret.empty()) return Error{ErrorKind::Unauthorized, "this machine has no service account"};
    Access access{Secret("Bearer " + secret), "", "this machine's service account"};
    if (auto const project = get("project/project-id"); project && project->status == 200)
      access.project = std::string(trim(project->body));
    return access;
  }

  CloudSetup const& setup_;
};

}  // namespace

Result<Access> find_access(CloudSetup const& setup) { return Finder(setup).find(); }

}  // namespace cml::cloud::gcp
