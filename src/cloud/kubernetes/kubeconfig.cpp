#include "cloud/kubernetes/kubeconfig.hpp"

#include <nlohmann/json.hpp>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "cloud/json_text.hpp"
#include "yaml/events.hpp"

namespace cml::cloud::kubernetes {
namespace {

using nlohmann::json;

constexpr int kMaxDepth = 50;
constexpr std::size_t kMaxBytes = 4u << 20;
constexpr char const* kPod = "/var/run/secrets/kubernetes.io/serviceaccount/";

using yaml::Event;

Error unreadable() { return {ErrorKind::BadInput, "the YAML is too deep, has aliases, or is broken off"}; }

json scalar(Event const& event) {
  if (event.plain && (event.text == "true" || event.text == "false")) return event.text == "true";
  if (event.plain && (event.text.empty() || event.text == "~" || event.text == "null")) return nullptr;
  return event.text;  // Numbers too: nothing in a kubeconfig is one for us.
}

// The value that begins with `start`.
Result<json> value_of(yaml::Events& events, Event const& start, int depth) {
  if (depth > kMaxDepth) return unreadable();
  if (start.kind == Event::Kind::Scalar) return scalar(start);
  bool const map = start.kind == Event::Kind::MappingStart;
  if (!map && start.kind != Event::Kind::SequenceStart) return unreadable();
  json result = map ? json::object() : json::array();
  while (true) {
    CML_TRY(event, events.next());
    if (event.kind == (map ? Event::Kind::MappingEnd : Event::Kind::SequenceEnd)) return result;
    if (!map) {
      CML_TRY(element, value_of(events, event, depth + 1));
      result.push_back(std::move(element));
      continue;
    }
    if (event.kind != Event::Kind::Scalar) return unreadable();
    CML_TRY(second, events.next());
    CML_TRY(inner, value_of(events, second, depth + 1));
    result[event.text] = std::move(inner);
  }
}

bool flag_of(json const& value, char const* key) {
  return value.is_object() && value.contains(key) && value[key].is_boolean() && value[key].get<bool>();
}

// The element of a list whose "name" is `name`, and of it `inner`.
json named(json const& config, char const* list, std::string const& name, char const* inner) {
  if (config.contains(list) && config[list].is_array())
    for (json const& one : config[list])
      if (text_of(one, "name") == name && one.contains(inner)) return one[inner];
  return json();
}

class Finder {
 public:
  explicit Finder(CloudSetup const& setup) : setup_(setup) {}

  Result<Access> find() {
    for (char const* name : {"KUBERNETES_CONFIGURATION", "KUBECONFIG_DATA"})
      if (auto const text = setup_.environment->get(name); text && !trim(*text).empty())
        return from_text(*text, "", name);
    std::string const home = setup_.environment->get("HOME").value_or("");
    std::string files = setup_.environment->get("KUBECONFIG").value_or("");
    bool const named_by_user = !files.empty();
    if (!named_by_user) files = home + "/.kube/config";
    json merged;
    std::string folder;
    for (std::string const& path : split(files, ':')) {
      if (path.empty()) continue;
      auto const text = setup_.files->read(path, kMaxBytes);
      if (!text) {
        if (named_by_user && text.error().kind != ErrorKind::NotFound) return Error(text.error());
        continue;
      }
      auto config = parse_yaml(*text);
      if (!config) return std::move(config).error().while_doing(path);
      std::string const parent = std::filesystem::path(path).parent_path().string();
      if (merged.is_null()) folder = parent;
      merge(merged, std::move(*config));
    }
    if (!merged.is_null()) return from_config(merged, folder, named_by_user ? "KUBECONFIG" : "~/.kube/config");
    auto const host = setup_.environment->get("KUBERNETES_SERVICE_HOST");
    auto const token = setup_.files->read(std::string(kPod) + "token", 1u << 20);
    if (host && token) return from_pod(*host, *token);
    return Error{ErrorKind::Unauthorized,
                 "no Kubernetes cluster: looked for KUBERNETES_CONFIGURATION and KUBECONFIG_DATA (contents), "
                 "KUBECONFIG (files), ~/.kube/config and a pod's service account"};
  }

 private:
  // The first one to say something counts, as kubectl does it.
  static void merge(json& into, json&& more) {
    if (!more.is_object()) return;
    if (into.is_null()) into = json::object();
    for (auto& [key, value] : more.items()) {
      bool const list = value.is_array() && into.contains(key) && into[key].is_array();
      if (list)
        into[key].insert(into[key].end(), value.begin(), value.end());
      else if (!into.contains(key) || into[key].is_null() || into[key] == "")
        into[key] = value;
    }
  }

  Result<Access> from_text(std::string const& text, std::string const& folder, std::string const& source) {
    auto config = parse_yaml(text);
    if (!config) return std::move(config).error().while_doing(source);
    return from_config(*config, folder, source);
  }

  // "x-data" is base64; "x" names a file, relative to the kubeconfig.
  Result<std::string> material(json const& from, std::string const& key, std::string const& folder) {
    if (std::string const data = text_of(from, (key + "-data").c_str()); !data.empty()) {
      auto const decoded = base64_decode(data);
      if (!decoded) return Error{ErrorKind::BadInput, key + "-data of the kubeconfig is not base64"};
      return *decoded;
    }
    std::string const file = text_of(from, key.c_str());
    if (file.empty()) return std::string();
    return setup_.files->read(std::filesystem::path(folder) / file, kMaxBytes);
  }

  Result<Access> from_config(json const& config, std::string const& folder, std::string const& source) {
    std::string const chosen = text_of(config, "current-context");
    json const context = named(config, "contexts", chosen, "context");
    if (!context.is_object())
      return Error{ErrorKind::BadInput,
                   source + " has no context \"" + one_line(chosen, 60) + "\"; set current-context"};
    json const cluster = named(config, "clusters", text_of(context, "cluster"), "cluster");
    json const user = named(config, "users", text_of(context, "user"), "user");
    Access access;
    access.source = source + ", context " + chosen;
    access.server = text_of(cluster, "server");
    while (!access.server.empty() && access.server.back() == '/') access.server.pop_back();
    auto const url = parse_url(access.server);
    if (!url || (url->scheme != "https" && !is_loopback(url->host)))
      return Error{ErrorKind::BadInput,
                   source + ": the cluster \"" + one_line(text_of(context, "cluster"), 60) + "\" has no https server"};
    if (std::string const name_space = text_of(context, "namespace"); !name_space.empty())
      access.name_space = name_space;
    CML_TRY(authority, material(cluster, "certificate-authority", folder));
    access.tls->authority = std::move(authority);
    access.tls->server_name = text_of(cluster, "tls-server-name");
    access.tls->insecure = flag_of(cluster, "insecure-skip-tls-verify");
    access.proxy = text_of(cluster, "proxy-url");
    if (auto const proxy = parse_url(access.proxy);
        !access.proxy.empty() &&
        (!proxy || (proxy->scheme != "http" && proxy->scheme != "https" && proxy->scheme != "socks5")))
      return Error{ErrorKind::BadInput, source + ": the proxy-url \"" + one_line(safe_url(access.proxy), 100) +
                                            "\" is not an http, https or socks5 URL"};
    CML_TRY(certificate, material(user, "client-certificate", folder));
    CML_TRY(key, material(user, "client-key", folder));
    access.tls->certificate = std::move(certificate);
    access.tls->key = Secret(std::move(key));
    std::string token = text_of(user, "token");
    if (std::string const file = text_of(user, "tokenFile"); !file.empty()) {
      CML_TRY(text, setup_.files->read(std::filesystem::path(folder) / file, kMaxBytes));
      token = std::string(trim(text));
    }
    if (!token.empty())
      access.authorization = Secret("Bearer " + token);
    else if (!text_of(user, "username").empty())
      access.authorization =
          Secret("Basic " + base64_encode(text_of(user, "username") + ":" + text_of(user, "password")));
    else if (user.is_object() && user.contains("exec"))
      CML_CHECK_OK(ask_plugin(user["exec"], folder, access));
    else if (user.is_object() && user.contains("auth-provider"))
      return Error{ErrorKind::Unsupported, source +
                                               " uses an auth-provider, which Kubernetes removed; use an exec plugin "
                                               "(gke-gcloud-auth-plugin, kubelogin)"};
    return access;
  }

  // client.authentication.k8s.io: a program that prints a token or a certificate.
  Status ask_plugin(json const& exec, std::string const& folder, Access& access) {
    std::string command = text_of(exec, "command");
    if (command.empty()) return Error{ErrorKind::BadInput, "the exec plugin of the kubeconfig has no command"};
    if (contains(command, "/") && command[0] != '/') command = (std::filesystem::path(folder) / command).string();
    ProcessRequest request{.arguments = {command}, .timeout = std::chrono::seconds(60)};
    if (exec.contains("args") && exec["args"].is_array())
      for (json const& argument : exec["args"])
        if (argument.is_string()) request.arguments.push_back(argument.get<std::string>());
    if (exec.contains("env") && exec["env"].is_array())
      for (json const& pair : exec["env"])
        request.environment.emplace_back(text_of(pair, "name"), text_of(pair, "value"));
    std::string version = text_of(exec, "apiVersion");
    if (version.empty()) version = "client.authentication.k8s.io/v1beta1";
    json info{{"apiVersion", version}, {"kind", "ExecCredential"}, {"spec", {{"interactive", false}}}};
    if (flag_of(exec, "provideClusterInfo")) {
      json about{{"server", access.server}};
      if (!access.tls->authority.empty()) about["certificate-authority-data"] = base64_encode(access.tls->authority);
      if (!access.tls->server_name.empty()) about["tls-server-name"] = access.tls->server_name;
      if (access.tls->insecure) about["insecure-skip-tls-verify"] = true;
      if (!access.proxy.empty()) about["proxy-url"] = access.proxy;
      info["spec"]["cluster"] = about;
    }
    request.environment.emplace_back("KUBERNETES_EXEC_INFO", info.dump());
    CML_TRY(answer, setup_.process->run(request));
    json const body = json::parse(answer.out, nullptr, false);
    json const status = body.is_object() && body.contains("status") ? body["status"] : json();
    std::string const token = text_of(status, "token"), certificate = text_of(status, "clientCertificateData");
    if (answer.exit_code != 0 || (token.empty() && certificate.empty()))
      return Error{ErrorKind::Unauthorized, "the kubeconfig's plugin " + command + " gave no credential (exit code " +
                                                std::to_string(answer.exit_code) + "): " + clean_line(answer.err)};
    if (!token.empty()) access.authorization = Secret("Bearer " + token);
    if (!certificate.empty()) {
      access.tls->certificate = certificate;
      access.tls->key = Secret(text_of(status, "clientKeyData"));
    }
    return ok();
  }

  Result<Access> from_pod(std::string const& host, std::string const& token) {
    Access access;
    access.source = "the pod's service account";
    std::string const port = setup_.environment->get("KUBERNETES_SERVICE_PORT").value_or("443");
    access.server = "https://" + (contains(host, ":") ? "[" + host + "]" : host) + ":" + port;
    access.authorization = Secret("Bearer " + std::string(trim(token)));
    CML_TRY(authority, setup_.files->read(std::string(kPod) + "ca.crt", kMaxBytes));
    access.tls->authority = std::move(authority);
    if (auto const name_space = setup_.files->read(std::string(kPod) + "namespace", 4096))
      access.name_space = std::string(trim(*name_space));
    return access;
  }

  CloudSetup const& setup_;
};

}  // namespace

Result<json> parse_yaml(std::string const& text) {
  if (text.size() > kMaxBytes) return Error{ErrorKind::BadInput, "larger than 4 MiB"};
  yaml::Events events(text);
  while (true) {
    CML_TRY(event, events.next());
    if (event.kind == Event::Kind::End) return json();
    if (event.kind != Event::Kind::DocumentStart && event.kind != Event::Kind::Other) return value_of(events, event, 0);
  }
}

Result<Access> find_access(CloudSetup const& setup) { return Finder(setup).find(); }

}  // namespace cml::cloud::kubernetes
