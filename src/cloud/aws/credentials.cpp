#include "cloud/aws/credentials.hpp"

#include <nlohmann/json.hpp>

#include <map>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "cloud/aws/query.hpp"
#include "cloud/aws/xml.hpp"
#include "cloud/json_text.hpp"

namespace cml::cloud::aws {
namespace {

using nlohmann::json;
using Found = Result<std::optional<Keys>>;
using Sections = std::map<std::string, std::map<std::string, std::string>>;

constexpr int kMaxChain = 5;  // Of source_profile.

std::string variable(CloudSetup const& setup, std::string_view name) {
  return std::string(trim(setup.environment->get(name).value_or("")));
}

Keys keys_of(std::string const& id, std::string const& secret, std::string const& session, std::string source) {
  return {Secret(id + ":" + secret), Secret(session), std::move(source), std::nullopt};
}

Result<std::string> text_of_file(CloudSetup const& setup, std::string const& path) {
  CML_TRY(text, setup.files->read(path, 1u << 20));
  return std::string(trim(text));
}

HttpRequest plain(std::string method, std::string url) {
  HttpRequest request{.method = std::move(method), .url = std::move(url)};
  request.timeout = std::chrono::seconds(5);
  request.max_response_bytes = 1u << 20;
  return request;
}

// AccessKeyId, SecretAccessKey, Token or SessionToken: containers, instances and credential_process answer so.
Found read_json_keys(std::string const& text, std::string source) {
  json const body = json::parse(text, nullptr, false);
  std::string const id = text_at(body, "/AccessKeyId"), secret = text_at(body, "/SecretAccessKey");
  if (id.empty() || secret.empty())
    return Error{ErrorKind::Unauthorized, "the credentials from " + source + " are not what AWS gives"};
  std::string session = text_at(body, "/Token");
  if (session.empty()) session = text_at(body, "/SessionToken");
  Keys keys = keys_of(id, secret, session, std::move(source));
  if (auto const when = parse_iso_time(text_at(body, "/Expiration"))) keys.expires = *when;
  return std::optional(keys);
}

Found from_variables(CloudSetup const& setup) {
  std::string const id = variable(setup, "AWS_ACCESS_KEY_ID"), secret = variable(setup, "AWS_SECRET_ACCESS_KEY");
  if (id.empty() != secret.empty())
    return Error{ErrorKind::Unauthorized, std::string(id.empty() ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY") +
                                              " is not set, but its other half is; check the names of the secrets"};
  if (id.empty()) return std::optional<Keys>();
  return std::optional(keys_of(id, secret, variable(setup, "AWS_SESSION_TOKEN"), "AWS_ACCESS_KEY_ID"));
}

Result<Keys> read_sts(Result<Xml> const& answer, std::string const& result, std::string source) {
  if (!answer) return Error(answer.error());
  std::string const base = result + "/Credentials/";
  Keys keys = keys_of(answer.value().at(base + "AccessKeyId"), answer.value().at(base + "SecretAccessKey"),
                      answer.value().at(base + "SessionToken"), std::move(source));
  if (answer.value().at(base + "AccessKeyId").empty()) return Error{ErrorKind::Unauthorized, "STS sent no credentials"};
  if (auto const when = parse_iso_time(answer.value().at(base + "Expiration"))) keys.expires = *when;
  return keys;
}

Result<Keys> assume_by_web(CloudSetup const& setup, std::string const& region, std::string const& role,
                           std::string const& token, std::string source) {
  std::string session = variable(setup, "AWS_ROLE_SESSION_NAME");
  Query const sts(*setup.http, "sts", region, endpoint_of(setup, "sts", region), [] { return Keys{}; });
  return read_sts(sts.call("AssumeRoleWithWebIdentity", {{"RoleArn", role},
                                                         {"RoleSessionName", session.empty() ? "cml" : session},
                                                         {"WebIdentityToken", token}}),
                  "AssumeRoleWithWebIdentityResult", std::move(source));
}

// The job's own identity: GitHub by request, GitLab and Bitbucket in a variable. Needs AWS_ROLE_ARN.
Found from_ci_identity(CloudSetup const& setup, std::string const& region) {
  std::string const role = variable(setup, "AWS_ROLE_ARN");
  if (role.empty()) return std::optional<Keys>();
  if (std::string const file = variable(setup, "AWS_WEB_IDENTITY_TOKEN_FILE"); !file.empty()) {
    CML_TRY(token, text_of_file(setup, file));
    CML_TRY(keys, assume_by_web(setup, region, role, token, "AWS_WEB_IDENTITY_TOKEN_FILE"));
    return std::optional(keys);
  }
  for (char const* name : {"BITBUCKET_STEP_OIDC_TOKEN", "AWS_ID_TOKEN", "GITLAB_OIDC_TOKEN", "ID_TOKEN"})
    if (std::string const token = variable(setup, name); !token.empty()) {
      CML_TRY(keys, assume_by_web(setup, region, role, token, name));
      return std::optional(keys);
    }
  std::string const url = variable(setup, "ACTIONS_ID_TOKEN_REQUEST_URL");
  if (url.empty()) return std::optional<Keys>();
  HttpRequest ask = plain("GET", url + (contains(url, "?") ? "&" : "?") + "audience=sts.amazonaws.com");
  ask.credential_header = "Authorization";
  ask.credential = Secret("Bearer " + variable(setup, "ACTIONS_ID_TOKEN_REQUEST_TOKEN"));
  CML_TRY(answer, setup.http->send(ask));
  std::string const token = text_at(json::parse(answer.body, nullptr, false), "/value");
  if (token.empty())
    return Error{ErrorKind::Unauthorized, "GitHub gave no identity token (" + std::to_string(answer.status) +
                                              "); add \"permissions: id-token: write\" to the job"};
  CML_TRY(keys, assume_by_web(setup, region, role, token, "GitHub's identity token"));
  return std::optional(keys);
}

Sections read_ini(CloudSetup const& setup, std::string const& name, std::string const& file) {
  std::string path = variable(setup, name);
  if (path.empty()) path = variable(setup, "HOME") + "/.aws/" + file;
  Sections sections;
  auto const text = setup.files->read(path, 1u << 20);
  if (!text) return sections;
  std::string section;
  for (std::string const& raw : split(*text, '\n')) {
    std::string_view const line = trim(raw);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[' && line.back() == ']') {
      section = std::string(trim(line.substr(1, line.size() - 2)));
      if (section.substr(0, 8) == "profile ") section = std::string(trim(section.substr(8)));
      continue;
    }
    auto const equals = line.find('=');
    if (equals != std::string_view::npos)
      sections[section][std::string(trim(line.substr(0, equals)))] = std::string(trim(line.substr(equals + 1)));
  }
  return sections;
}

Sections profiles(CloudSetup const& setup) {
  Sections all = read_ini(setup, "AWS_CONFIG_FILE", "config");
  for (auto const& [name, fields] : read_ini(setup, "AWS_SHARED_CREDENTIALS_FILE", "credentials"))
    for (auto const& [key, value] : fields) all[name][key] = value;
  return all;
}

std::string profile_name(CloudSetup const& setup) {
  std::string const name = variable(setup, "AWS_PROFILE");
  return name.empty() ? "default" : name;
}

Found from_container(CloudSetup const&);
Found from_instance(CloudSetup const&);

// A session that "aws sso login" has opened: its token is in a file of a folder of such, named by a hash; the file says
// whose it is.
Result<std::string> sso_token(CloudSetup const& setup, std::string const& start_url) {
  std::filesystem::path const folder = variable(setup, "HOME") + "/.aws/sso/cache";
  auto const files = setup.files->list(folder);
  bool ended = false;
  if (files)
    for (std::filesystem::path const& file : *files) {
      auto const text =
          file.extension() == ".json" ? setup.files->read(folder / file, 1u << 20) : Result<std::string>(std::string());
      json const body = text ? json::parse(*text, nullptr, false) : json();
      std::string const token = text_at(body, "/accessToken");
      if (token.empty() || text_at(body, "/startUrl") != start_url) continue;
      auto const end = parse_iso_time(text_at(body, "/expiresAt"));
      if (end && *end > setup.clock->now()) return token;
      ended = true;
    }
  return Error{ErrorKind::Unauthorized, ended ? "its session has ended" : "nobody has signed in"};
}

Found from_sso(CloudSetup const& setup, Sections const& all, std::map<std::string, std::string> const& profile,
               std::string const& name) {
  auto const field = [](std::map<std::string, std::string> const& section, char const* key) {
    auto const at = section.find(key);
    return at == section.end() ? std::string() : at->second;
  };
  // The session may stand in a section of its own.
  std::map<std::string, std::string> session = profile;
  if (std::string const other = field(profile, "sso_session"); !other.empty()) {
    auto const found = all.find("sso-session " + other);
    if (found == all.end())
      return Error{ErrorKind::Unauthorized, "AWS profile \"" + one_line(name, 40) + "\" names the sso-session \"" +
                                                one_line(other, 40) + "\", which there is not"};
    session = found->second;
  }
  std::string const region = field(session, "sso_region"), account = field(profile, "sso_account_id"),
                    role = field(profile, "sso_role_name");
  if (region.empty() || account.empty() || role.empty())
    return Error{ErrorKind::Unauthorized,
                 "AWS profile \"" + one_line(name, 40) +
                     "\" signs in by SSO but lacks sso_region, sso_account_id or sso_role_name"};
  std::string const remedy = "; run \"aws sso login --profile " + name + "\"";
  auto const token = sso_token(setup, field(session, "sso_start_url"));
  if (!token)
    return Error{ErrorKind::Unauthorized,
                 "AWS profile \"" + one_line(name, 40) + "\" signs in by SSO, and " + token.error().message + remedy};
  HttpRequest ask =
      plain("GET", endpoint_of(setup, "sso", region) + "/federation/credentials?role_name=" + percent_encode(role) +
                       "&account_id=" + percent_encode(account));
  ask.timeout = std::chrono::seconds(20);
  ask.credential_header = "x-amz-sso_bearer_token";
  ask.credential = Secret(*token);
  CML_TRY(answer, setup.http->send(ask));
  json const body = json::parse(answer.body, nullptr, false);
  std::string const id = text_at(body, "/roleCredentials/accessKeyId"),
                    secret = text_at(body, "/roleCredentials/secretAccessKey");
  if (answer.status != 200 || id.empty() || secret.empty())
    return Error{ErrorKind::Unauthorized, "AWS SSO gave no credentials for profile \"" + one_line(name, 40) + "\" (" +
                                              std::to_string(answer.status) + " " +
                                              clean_line(text_at(body, "/message"), 100) + ")" + remedy};
  Keys keys = keys_of(id, secret, text_at(body, "/roleCredentials/sessionToken"), "SSO profile " + name);
  json::json_pointer const end("/roleCredentials/expiration");  // Milliseconds.
  if (body.contains(end) && body.at(end).is_number_integer())
    keys.expires = Time() + std::chrono::milliseconds(body.at(end).get<long long>());
  return std::optional(keys);
}

Found from_profile(CloudSetup const& setup, Sections const& all, std::string const& name, std::string const& region,
                   int depth) {
  if (depth > kMaxChain)
    return Error{ErrorKind::Usage, "the AWS profiles name each other in a circle, at \"" + one_line(name, 40) + "\""};
  auto const found = all.find(name);
  if (found == all.end()) {
    if (variable(setup, "AWS_PROFILE").empty() && depth == 0) return std::optional<Keys>();
    return Error{ErrorKind::Unauthorized, "there is no AWS profile \"" + one_line(name, 40) + "\""};
  }
  auto const field = [&](char const* key) {
    auto const at = found->second.find(key);
    return at == found->second.end() ? std::string() : at->second;
  };
  std::string const source = "profile " + name;
  if (std::string const role = field("role_arn"); !role.empty()) {
    if (std::string const file = field("web_identity_token_file"); !file.empty()) {
      CML_TRY(token, text_of_file(setup, file));
      CML_TRY(keys, assume_by_web(setup, region, role, token, source));
      return std::optional(keys);
    }
    std::string const from = field("credential_source");
    Found base = std::optional<Keys>();
    if (from == "Environment")
      base = from_variables(setup);
    else if (from == "EcsContainer")
      base = from_container(setup);
    else if (from == "Ec2InstanceMetadata")
      base = from_instance(setup);
    // A profile may be its own source: its keys, without the role.
    else if (field("source_profile") == name && !field("aws_access_key_id").empty())
      base = std::optional(
          keys_of(field("aws_access_key_id"), field("aws_secret_access_key"), field("aws_session_token"), source));
    else
      base = from_profile(setup, all, field("source_profile"), region, depth + 1);
    if (!base) return base;
    if (!*base)
      return Error{ErrorKind::Unauthorized,
                   "AWS profile \"" + one_line(name, 40) + "\" has a role but no source of credentials"};
    Query const sts(*setup.http, "sts", region, endpoint_of(setup, "sts", region), [keys = **base] { return keys; });
    Pairs parameters{{"RoleArn", role},
                     {"RoleSessionName", field("role_session_name").empty() ? "cml" : field("role_session_name")}};
    if (std::string const external = field("external_id"); !external.empty())
      parameters.emplace_back("ExternalId", external);
    CML_TRY(keys, read_sts(sts.call("AssumeRole", parameters), "AssumeRoleResult", source));
    return std::optional(keys);
  }
  if (!field("aws_access_key_id").empty())
    return std::optional(
        keys_of(field("aws_access_key_id"), field("aws_secret_access_key"), field("aws_session_token"), source));
  if (std::string const program = field("credential_process"); !program.empty()) {
    // The configuration is the user's own and holds a command line, as AWS's tools run it.
    CML_TRY(answer, setup.process->run({.arguments = {"sh", "-c", program}, .timeout = std::chrono::seconds(60)}));
    if (answer.exit_code != 0)
      return Error{ErrorKind::Unauthorized, "credential_process of " + source + " failed: " + clean_line(answer.err)};
    return read_json_keys(answer.out, "credential_process of " + source);
  }
  if (!field("sso_session").empty() || !field("sso_start_url").empty())
    return from_sso(setup, all, found->second, name);
  return std::optional<Keys>();
}

Found from_container(CloudSetup const& setup) {
  std::string url = variable(setup, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (std::string const relative = variable(setup, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); !relative.empty())
    url = "http://169.254.170.2" + relative;
  if (url.empty()) return std::optional<Keys>();
  std::string token = variable(setup, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (std::string const file = variable(setup, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !file.empty()) {
    CML_TRY(text, text_of_file(setup, file));
    token = text;
  }
  HttpRequest ask = plain("GET", url);
  if (!token.empty()) ask.credential_header = "Authorization", ask.credential = Secret(token);
  CML_TRY(answer, setup.http->send(ask));
  if (answer.status != 200)
    return Error{ErrorKind::Unauthorized,
                 "the container's credentials at " + safe_url(url) + " answered " + std::to_string(answer.status)};
  return read_json_keys(answer.body, "the container's role");
}

Found from_instance(CloudSetup const& setup) {
  if (parse_boolean(variable(setup, "AWS_EC2_METADATA_DISABLED")).value_or(false)) return std::optional<Keys>();
  std::string base = variable(setup, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
  while (!base.empty() && base.back() == '/') base.pop_back();
  // Only EC2's own machines have the service; asking for it elsewhere would cost seconds.
  if (base.empty()) {
    auto const vendor = setup.files->read("/sys/class/dmi/id/sys_vendor", 4096);
    if (!vendor || !contains(*vendor, "Amazon")) return std::optional<Keys>();
    base = "http://169.254.169.254";
  }
  HttpRequest put = plain("PUT", base + "/latest/api/token");
  put.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "300"}};
  put.timeout = std::chrono::seconds(2);
  auto const granted = setup.http->send(put);
  if (!granted || granted->status != 200) return std::optional<Keys>();
  auto const get = [&](std::string const& path) {
    HttpRequest ask = plain("GET", base + path);
    ask.headers = {{"X-aws-ec2-metadata-token", granted->body}};
    return setup.http->send(ask);
  };
  std::string const path = "/latest/meta-data/iam/security-credentials/";
  auto const role = get(path);
  if (!role || role->status != 200 || trim(role->body).empty()) return std::optional<Keys>();
  auto const answer = get(path + std::string(trim(split(role->body, '\n').front())));
  if (!answer || answer->status != 200) return std::optional<Keys>();
  return read_json_keys(answer->body, "the instance's role");
}

}  // namespace

std::string default_region(CloudSetup const& setup) {
  for (char const* name : {"AWS_REGION", "AWS_DEFAULT_REGION"})
    if (std::string const value = variable(setup, name); !value.empty()) return value;
  Sections const all = profiles(setup);
  auto const found = all.find(profile_name(setup));
  if (found == all.end()) return "";
  auto const region = found->second.find("region");
  return region == found->second.end() ? "" : region->second;
}

std::string endpoint_of(CloudSetup const& setup, std::string const& service, std::string const& region) {
  std::string url = variable(setup, "AWS_ENDPOINT_URL_" + to_upper(service));
  std::string const host = service == "pricing" ? "api.pricing" : service == "sso" ? "portal.sso" : service;
  if (url.empty()) url = variable(setup, "AWS_ENDPOINT_URL");
  while (!url.empty() && url.back() == '/') url.pop_back();
  if (!url.empty()) return url;
  std::string const domain = region.substr(0, 3) == "cn-" ? ".amazonaws.com.cn" : ".amazonaws.com";
  return "https://" + host + "." + region + domain;
}

Result<Keys> find_keys(CloudSetup const& setup, std::string const& region) {
  CML_TRY(direct, from_variables(setup));
  if (direct) return *direct;
  CML_TRY(identity, from_ci_identity(setup, region));
  if (identity) return *identity;
  CML_TRY(profile, from_profile(setup, profiles(setup), profile_name(setup), region, 0));
  if (profile) return *profile;
  CML_TRY(container, from_container(setup));
  if (container) return *container;
  CML_TRY(instance, from_instance(setup));
  if (instance) return *instance;
  return Error{ErrorKind::Unauthorized,
               "no AWS credentials: looked for AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, AWS_ROLE_ARN with "
               "AWS_WEB_IDENTITY_TOKEN_FILE or "
               "the CI's identity token, profile \"" +
                   one_line(profile_name(setup), 40) + "\" (AWS_PROFILE), a container's and this instance's role"};
}

}  // namespace cml::cloud::aws
