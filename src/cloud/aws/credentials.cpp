#include "cloud/aws/credentials.hpp"

#include <nlohmann/json.hpp>

#include <map>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "cloud/aws/query.hpp"
#include "cloud/aws/xml.hpp"

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

std::string text_at(json const& body, char const* key) {
  return body.is_object() && body.contains(key) && body[key].is_string() ? body[key].get<std::string>() : "";
}

// AccessKeyId, SecretAccessKey, Token or SessionToken: containers, instances and credential_process answer so.
Found read_json_keys(std::string const& text, std::string source) {
  json const body = json::parse(text, nullptr, false);
  std::string const id = text_at(body, "AccessKeyId"), secret = text_at(body, "SecretAccessKey");
  if (id.empty() || secret.empty())
    return Error{ErrorKind::Unauthorized, "the credentials from " + source + " are not what AWS gives"};
  std::string session = text_at(body, "Token");
  if (session.empty()) session = text_at(body, "SessionToken");
  Keys keys = keys_of(id, secret, session, std::move(source));
  if (auto const when = parse_iso_time(text_at(body, "Expiration"))) keys.expires = *when;
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

Result<Keys> assume_by_web(CloudSetup const& setup, std::string const& region, std::string const& role, std::string const& token, std::string source) {
  std::string session = variable(setup, "AWS_ROLE_SESSION_NAME");
  Query const sts(*setup.http, "sts", region, endpoint_of(setup, "sts", region), Keys{});
  return read_sts(sts.call("AssumeRoleWithWebIdentity", {{"RoleArn", role}, {"RoleSessionName", session.empty() ? "cml" : session}, {"WebIdentityToken", token}}),
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
  std::string const token = text_at(json::parse(answer.body, nullptr, false), "value");
  if (token.empty())
    return Error{ErrorKind::Unauthorized, "GitHub gave no identity token (" + std::to_string(answer.status) + "); add \"permissions: id-token: write\" to the job"};
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
    if (equals != std::string_view::npos) sections[section][std::string(trim(line.substr(0, equals)))] = std::string(trim(line.substr(equals + 1)));
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

Found from_profile(CloudSetup const& setup, Sections const& all, std::string const& name, std::string const& region, int depth) {
  if (depth > kMaxChain) return Error{ErrorKind::Usage, "the AWS profiles name each other in a circle, at \"" + one_line(name, 40) + "\""};
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
    if (from == "Environment") base = from_variables(setup);
    else if (from == "EcsContainer") base = from_container(setup);
    else if (from == "Ec2InstanceMetadata") base = from_instance(setup);
    // A profile may be its own source: its keys, without the role.
    else if (field("source_profile") == name && !field("aws_access_key_id").empty())
      base = std::optional(keys_of(field("aws_access_key_id"), field("aws_secret_access_key"), field("aws_session_token"), source));
    else base = from_profile(setup, all, field("source_profile"), region, depth + 1);
    if (!base) return base;
    if (!*base) return Error{ErrorKind::Unauthorized, "AWS profile \"" + one_line(name, 40) + "\" has a role but no source of credentials"};
    Query const sts(*setup.http, "sts", region, endpoint_of(setup, "sts", region), **base);
    Pairs parameters{{"RoleArn", role}, {"RoleSessionName", field("role_session_name").empty() ? "cml" : field("role_session_name")}};
    if (std::string const external = field("external_id"); !external.empty()) parameters.emplace_back("ExternalId", external);
    CML_TRY(keys, read_sts(sts.call("AssumeRole", parameters), "AssumeRoleResult", source));
    return std::optional(keys);
  }
  if (!field("aws_access_key_id").empty())
    return std::optional(keys_of(field("aws_access_key_id"), field("aws_secret_access_key"), field("aws_session_token"), source));
  if (std::string const program = field("credential_process"); !program.empty()) {
    // The configuration is the user's own and holds a command line, as AWS's tools run it.
    CML_TRY(answer, setup.process->run({.arguments = {"sh", "-c", program}, .timeout = std::chrono::seconds(60)}));
    if (answer.exit_code != 0)
      return Error{ErrorKind::Unauthorized, "credential_process of " + source + " failed: " + one_line(answer.err)};
    return read_json_keys(answer.out, "credential_process of " + source);
  }
  if (!field("sso_session").empty() || !field("sso_start_url").empty())
    return Error{ErrorKind::Unsupported, source + " signs in by SSO; run \"aws configure export-credentials --profile " + name + " --format env\" and set what it prints"};
  return std::optional<Keys>();
}

Found from_container(CloudSetup const& setup) {
  std::string url = variable(setup, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (std::string const relative = variable(setup, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); !relative.empty()) url = "http://169.254.170.2" + relative;
  if (url.empty()) return std::optional<Keys>();
  std::string token = variable(setup, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (std::string const file = variable(setup, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !file.empty()) {
    CML_TRY(text, text_of_file(setup, file));
    token = text;
  }
  HttpRequest ask = plain("GET", url);
  if (!token.empty()) ask.credential_header = "Authorization", ask.credential = Secret(token);
  CML_TRY(answer, setup.http->send(ask));
  if (answer.status != 200) return Error{ErrorKind::Unauthorized, "the container's credentials at " + safe_url(url) + " answered " + std::to_string(answer.status)};
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
  if (url.empty()) url = variable(setup, "AWS_ENDPOINT_URL");
  while (!url.empty() && url.back() == '/') url.pop_back();
  if (!url.empty()) return url;
  std::string const domain = region.substr(0, 3) == "cn-" ? ".amazonaws.com.cn" : ".amazonaws.com";
  return "https://" + service + "." + region + domain;
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
               "no AWS credentials: looked for AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY, AWS_ROLE_ARN with AWS_WEB_IDENTITY_TOKEN_FILE or "
               "the CI's identity token, profile \"" + one_line(profile_name(setup), 40) + "\" (AWS_PROFILE), a container's and this instance's role"};
}

}  // namespace cml::cloud::aws
