// One Job a runner. The pod's end is the machine's end: no credential is in it, and the cluster removes what is over.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <regex>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "cloud/catalogue.hpp"
#include "cloud/cloud.hpp"
#include "cloud/json_text.hpp"
#include "cloud/kubernetes/kubeconfig.hpp"
#include "cloud/packed.hpp"

namespace cml::cloud {
namespace {

using kubernetes::Access;
using nlohmann::json;

constexpr std::string_view kManaged = "app.kubernetes.io/managed-by=cml";
constexpr char const* kLeastDisk = "1G";
constexpr int kKeepSeconds = 300;            // Of an ended Job, so that its log can be read.
constexpr std::size_t kPartBytes = 900'000;  // Of a config map, which holds at most 1 MiB.
constexpr std::size_t kMaxParts = 8;
constexpr int kGraceSeconds = 120;  // From SIGTERM to SIGKILL: time to run an interrupted job again.

struct Size {
  std::string cores, memory, gpu;
  int gpu_count = 0;
  std::string describe() const {
    return cores + " cores, " + memory + (gpu_count > 0 ? ", " + std::to_string(gpu_count) + " GPU" : "");
  }
};

// "8-32000+nvidia-tesla-v100*1": cores, megabytes, GPUs; or a generic size.
Result<Size> size_of(std::string const& type, std::string const& gpu) {
  static std::regex const custom("(\\d{1,4})-(\\d{1,8})(\\+([A-Za-z0-9._-]{1,60})\\*(\\d{1,3}))?");
  std::string const full = !gpu.empty() && !contains(type, "+") && contains(type, "-")
                               ? type + "+" + gpu + (contains(gpu, "*") ? "" : "*1")
                               : type;
  std::smatch parts;
  if (std::regex_match(full, parts, custom))
    return Size{parts[1], std::string(parts[2]) + "M", parts[4],
                parts[5].matched ? static_cast<int>(*parse_integer(std::string(parts[5]))) : 0};
  CML_TRY(native, native_type("kubernetes", type, gpu));
  if (native.memory.empty())
    return Error{ErrorKind::BadInput,
                 "--cloud-type \"" + one_line(type, 40) +
                     "\" is not a pod size; write s, m, l, xl or CORES-MEGABYTES+GPU*COUNT (8-32000+nvidia*1)"};
  return Size{native.machine, native.memory, native.gpu, native.gpu_count};
}

bool is_label_value(std::string const& text) {
  static std::regex const legal("([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?");
  return std::regex_match(text, legal);
}

long long number_at(json const& value, std::string const& pointer) {
  json::json_pointer const where(pointer);
  return value.contains(where) && value.at(where).is_number_integer() ? value.at(where).get<long long>() : 0;
}

class Kubernetes : public Cloud {
 public:
  Kubernetes(CloudSetup setup, Access access) : setup_(std::move(setup)), access_(std::move(access)) {}

  std::string_view name() const override { return "kubernetes"; }

  Result<Plan> plan(MachineWanted const& wanted) override {
    if (wanted.image.empty()) return Error{ErrorKind::Usage, "a pod needs --cloud-image"};
    std::vector<Size> sizes;
    for (std::string const& type : wanted.types) {
      CML_TRY(size, size_of(type, normal_gpu(wanted.gpu)));
      sizes.push_back(std::move(size));
    }
    Size const& size = sizes.front();
    if (wanted.spot)
      setup_.notify("--cloud-spot has no meaning on Kubernetes; choose spot nodes by --cloud-kubernetes-node-selector");
    auto machine = std::make_shared<Machine>();
    machine->id = wanted.id;
    machine->cloud = "kubernetes";
    machine->region = access_.name_space;
    machine->type = size.describe();
    machine->image = wanted.image;
    machine->repository = wanted.repository;
    machine->labels = wanted.labels;
    machine->native_id = wanted.id;
    auto const uid = std::make_shared<std::string>();
    auto const parts = std::make_shared<std::vector<std::string>>();  // Of the program that the pod is handed.
    Plan plan;
    plan.machine = machine;
    Step job;
    std::string choice = machine->type;
    for (std::size_t i = 1; i < sizes.size(); ++i) choice += "; else " + sizes[i].describe();
    job.what = "create the job " + wanted.id + " (" + choice + ") in namespace " + access_.name_space + " of " +
               safe_url(access_.server);
    job.run = [this, wanted, sizes, machine, uid, parts]() -> Status {
      if (wanted.program) {
        CML_TRY(fresh, program_parts(wanted));
        *parts = std::move(fresh);
      }
      CML_TRY(script, wanted.boot_script());
      Error last{ErrorKind::TooLarge, ""};
      for (Size const& one : sizes) {
        auto const made = create("/apis/batch/v1/namespaces/" + access_.name_space + "/jobs",
                                 job_of(wanted, one, script, parts->size()), wanted.id);
        if (made) {
          *uid = text_at(*made, "/metadata/uid");
          *machine = read(*made);
          return ok();
        }
        last = made.error();
        if (last.kind != ErrorKind::TooLarge) break;
        setup_.notify("no " + one.describe() + ": " + one_line(last.message, 200));
      }
      return last;
    };
    job.undo_what = "delete the job " + wanted.id;
    job.undo = [this, id = wanted.id] { return remove_all(id); };
    job.by_hand = [this, id = wanted.id] {
      return "kubectl delete job,secret " + id + " --namespace " + access_.name_space;
    };
    plan.steps.push_back(std::move(job));
    if (wanted.program) {
      Step program;
      program.what = "create config maps " + wanted.id + "-program-... with cml-agent, owned by the job";
      program.run = [this, wanted, uid, parts]() -> Status {
        for (std::size_t i = 0; i < parts->size(); ++i) {
          std::string const name = program_name(wanted.id, i);
          json body = owned(wanted, "ConfigMap", name, *uid);
          body["immutable"] = true;
          body["binaryData"] = {{"part", base64_encode((*parts)[i])}};
          CML_TRY(made, create("/api/v1/namespaces/" + access_.name_space + "/configmaps", body, name));
        }
        return ok();
      };
      plan.steps.push_back(std::move(program));
    }
    // After the Job, which owns it: whatever ends the Job takes it along. The pod waits for it.
    Step secret;
    secret.what = "create the secret " + wanted.id + " with the registration, owned by the job";
    secret.run = [this, wanted, uid]() -> Status {
      json body = owned(wanted, "Secret", wanted.id, *uid);
      body["type"] = "Opaque";
      body["stringData"] = {{"registration", wanted.registration()}};
      CML_TRY(made, create("/api/v1/namespaces/" + access_.name_space + "/secrets", body, wanted.id));
      return ok();
    };
    plan.steps.push_back(std::move(secret));
    return plan;
  }

  Found machines(std::vector<std::string> const&) override {
    auto const list = call(
        "GET", "/apis/batch/v1/namespaces/" + access_.name_space + "/jobs?labelSelector=" + percent_encode(kManaged));
    if (!list) return {{}, {Error(list.error())}};
    Found all;
    if (list->contains("items") && (*list)["items"].is_array())
      for (json const& job : (*list)["items"]) all.machines.push_back(read(job));
    return all;
  }

  Status remove(Machine const& machine) override { return remove_all(machine.id); }

  Result<Machine> look(Machine const& machine) override {
    auto const job = call("GET", "/apis/batch/v1/namespaces/" + access_.name_space + "/jobs/" + machine.id);
    if (job) return read(*job);
    if (job.error().kind != ErrorKind::NotFound) return Error(job.error());
    Machine gone = machine;
    gone.state = "gone";
    return gone;
  }

  // The pod's log and the events that say why it does not start.
  Result<std::string> console_output(Machine const& machine) override {
    CML_TRY(pods, call("GET", "/api/v1/namespaces/" + access_.name_space +
                                  "/pods?labelSelector=" + percent_encode("job-name=" + machine.id)));
    std::string text;
    if (!pods.contains("items") || !pods["items"].is_array() || pods["items"].empty())
      text += "there is no pod: check quotas and admission rules of the namespace\n";
    else
      for (json const& pod : pods["items"]) {
        std::string const pod_name = text_at(pod, "/metadata/name");
        HttpRequest ask =
            request("GET", "/api/v1/namespaces/" + access_.name_space + "/pods/" + pod_name + "/log?tailLines=50");
        auto const log = setup_.http->send(ask);
        if (log && log->status == 200) text += log->body + "\n";
      }
    auto const events = call("GET", "/api/v1/namespaces/" + access_.name_space + "/events?limit=500");
    if (events && events->contains("items") && (*events)["items"].is_array())
      for (json const& event : (*events)["items"])
        if (text_at(event, "/involvedObject/name").substr(0, machine.id.size()) == machine.id)
          text += text_at(event, "/reason") + ": " + text_at(event, "/message") + "\n";
    return text;
  }

 private:
  HttpRequest request(std::string method, std::string const& path) const {
    HttpRequest result{.method = std::move(method), .url = access_.server + path};
    result.headers = {{"Accept", "application/json"}};
    result.tls = access_.tls;
    result.proxy = access_.proxy;
    if (!access_.authorization.empty()) {
      result.credential_header = "Authorization";
      result.credential = access_.authorization;
    }
    return result;
  }

  Result<json> call(std::string const& method, std::string const& path) const { return send(request(method, path)); }

  // Tokens of plugins live for a quarter of an hour, and files with tokens are written anew. False: there is no other
  // one.
  bool renew() const {
    auto fresh = kubernetes::find_access(setup_);
    if (!fresh || fresh->server != access_.server || fresh->authorization.reveal() == access_.authorization.reveal())
      return false;
    access_ = std::move(*fresh);
    return true;
  }

  Result<json> send(HttpRequest const& sent) const {
    CML_TRY(response, setup_.http->send(sent));
    if (response.status == 401 && renew()) {
      HttpRequest again = sent;
      again.tls = access_.tls;
      again.credential = access_.authorization;
      CML_TRY(answer, setup_.http->send(again));
      response = std::move(answer);
    }
    json body = json::parse(response.body, nullptr, false);
    if (response.status >= 200 && response.status < 300) {
      if (body.is_discarded())
        return Error{ErrorKind::Network,
                     sent.method + " " + safe_url(sent.url) + ": no JSON; is this a Kubernetes API?"};
      return body;
    }
    ErrorKind kind = ErrorKind::BadInput;
    std::string hint;
    if (response.status == 401)
      kind = ErrorKind::Unauthorized,
      hint = "; the credential of " + access_.source + " is not accepted or has expired";
    if (response.status == 403) kind = ErrorKind::Unauthorized, hint = "; docs/clouds/kubernetes.md has the role";
    if (response.status == 403 && contains(response.body, "exceeded quota")) kind = ErrorKind::TooLarge, hint = "";
    if (response.status == 404) kind = ErrorKind::NotFound;
    if (response.status == 409) kind = ErrorKind::Conflict;
    if (response.status >= 500) kind = ErrorKind::Network;
    std::string const message = body.is_object() ? text_at(body, "/message") : "";
    return Error{kind, sent.method + " " + safe_url(sent.url) + " answered " + std::to_string(response.status) +
                           (message.empty() ? "" : ": " + clean_line(message)) + hint};
  }

  // The name is ours alone, so "exists already" after an uncertain answer means that the first try arrived.
  Result<json> create(std::string const& path, json const& body, std::string const& id) const {
    HttpRequest post = request("POST", path + "?fieldManager=cml&fieldValidation=Strict");
    post.headers.emplace_back("Content-Type", "application/json");
    post.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
    auto made = send(post);
    if (made || made.error().kind != ErrorKind::Conflict || !contains(path, "/jobs")) {
      bool const there = !made && made.error().kind == ErrorKind::Conflict;
      return there ? Result<json>(json::object()) : std::move(made);
    }
    return call("GET", path + "/" + id);
  }

  Status remove_all(std::string const& id) const {
    for (std::string const& path :
         {"/apis/batch/v1/namespaces/" + access_.name_space + "/jobs/" + id + "?propagationPolicy=Foreground",
          "/api/v1/namespaces/" + access_.name_space + "/secrets/" + id}) {
      auto const gone = call("DELETE", path);
      if (!gone && gone.error().kind != ErrorKind::NotFound) return Error(gone.error());
    }
    return ok();
  }

  static std::string program_name(std::string const& id, std::size_t part) {
    return id + "-program-" + std::to_string(part);
  }

  static Result<std::vector<std::string>> program_parts(MachineWanted const& wanted) {
    CML_TRY(bytes, wanted.program());
    CML_TRY(small, packed(bytes));
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < small.size(); at += kPartBytes) parts.push_back(small.substr(at, kPartBytes));
    if (parts.size() <= kMaxParts) return parts;
    return Error{ErrorKind::BadInput, "cml-agent has " + std::to_string(small.size()) +
                                          " bytes, packed, and does not fit into config maps; give a smaller one"};
  }

  // What the Job owns: its end takes it along.
  static json owned(MachineWanted const& wanted, char const* kind, std::string const& name, std::string const& uid) {
    json const owner{{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"name", wanted.id}, {"uid", uid}};
    return {{"apiVersion", "v1"},
            {"kind", kind},
            {"metadata", {{"name", name}, {"labels", labels_of(wanted)}, {"ownerReferences", json::array({owner})}}}};
  }

  static json labels_of(MachineWanted const& wanted) {
    json labels{{"app.kubernetes.io/managed-by", "cml"}, {"cml-id", wanted.id}};
    for (auto const& [key, value] : wanted.metadata)
      if (is_label_value(key) && !key.empty() && is_label_value(value)) labels[key] = value;
    return labels;
  }

  static json job_of(MachineWanted const& wanted, Size const& size, std::string const& script, std::size_t parts) {
    json annotations{{"cml-repo", wanted.repository}, {"cml-labels", wanted.labels}};
    for (auto const& [key, value] : wanted.metadata)
      if (is_label_value(key) && !key.empty()) annotations[key] = value;
    json resources{{"cpu", size.cores}, {"memory", size.memory}};
    json limits = resources, requests = resources;
    // A limit alone would be a request of the same size, which small nodes do not have.
    if (wanted.disk_gb > 0) limits["ephemeral-storage"] = std::to_string(wanted.disk_gb) + "G";
    if (wanted.disk_gb > 0) requests["ephemeral-storage"] = kLeastDisk;
    if (size.gpu_count > 0) limits["nvidia.com/gpu"] = std::to_string(size.gpu_count);
    json selector = json::object();
    Pairs given = wanted.node_selector;
    if (given.empty()) given = {{"accelerator", "infer"}};
    for (auto const& [key, value] : given) {
      bool const infer = value == "infer";
      if (infer && (size.gpu_count == 0 || size.gpu.empty() || size.gpu == "nvidia")) continue;
      selector[key] = infer ? size.gpu : value;
    }
    json const container{
        {"name", "runner"},
        {"image", wanted.image},
        {"command", {"bash", "-c", script}},
        {"resources", {{"limits", limits}, {"requests", requests}}},
        {"volumeMounts", json::array({{{"name", "registration"}, {"mountPath", "/var/run/cml"}, {"readOnly", true}},
                                      {{"name", "shm"}, {"mountPath", "/dev/shm"}}})}};
    json pod{{"restartPolicy", "Never"},
             {"terminationGracePeriodSeconds", kGraceSeconds},
             {"automountServiceAccountToken", !wanted.permission_set.empty()},
             {"containers", json::array({container})},
             // The secret may come after the pod: the script waits for it, and not for ever, as the cluster would. The
             // 64 MB of memory that containers share are too few for PyTorch's loaders.
             {"volumes",
              json::array({{{"name", "registration"}, {"secret", {{"secretName", wanted.id}, {"optional", true}}}},
                           {{"name", "shm"}, {"emptyDir", {{"medium", "Memory"}}}}})}};
    if (parts > 0) {
      json sources = json::array();
      for (std::size_t i = 0; i < parts; ++i)
        sources.push_back({{"configMap",
                            {{"name", program_name(wanted.id, i)},
                             {"optional", true},
                             {"items", json::array({{{"key", "part"}, {"path", "part-" + std::to_string(i)}}})}}}});
      pod["volumes"].push_back({{"name", "program"}, {"projected", {{"sources", sources}}}});
      json& runner = pod["containers"][0];
      runner["volumeMounts"].push_back({{"name", "program"}, {"mountPath", "/var/run/cml-agent"}, {"readOnly", true}});
      runner["env"] = json::array({{{"name", "CML_PROGRAM_PARTS"}, {"value", std::to_string(parts)}}});
    }
    if (!selector.empty()) pod["nodeSelector"] = selector;
    if (!wanted.permission_set.empty()) pod["serviceAccountName"] = wanted.permission_set;
    if (size.gpu_count > 0)
      pod["tolerations"] = json::array({{{"key", "nvidia.com/gpu"}, {"operator", "Exists"}, {"effect", "NoSchedule"}}});
    json spec{{"backoffLimit", 0},
              {"completions", 1},
              {"parallelism", 1},
              {"ttlSecondsAfterFinished", kKeepSeconds},
              {"template", {{"metadata", {{"labels", labels_of(wanted)}}}, {"spec", pod}}}};
    if (wanted.max_lifetime.count() > 0) {
      spec["activeDeadlineSeconds"] = wanted.max_lifetime.count();
      annotations["cml-expires-at"] = iso_time(wanted.now + wanted.max_lifetime);
    }
    return {{"apiVersion", "batch/v1"},
            {"kind", "Job"},
            {"metadata", {{"name", wanted.id}, {"labels", labels_of(wanted)}, {"annotations", annotations}}},
            {"spec", spec}};
  }

  Machine read(json const& job) const {
    Machine m;
    m.cloud = "kubernetes";
    m.region = access_.name_space;
    m.id = m.native_id = text_at(job, "/metadata/name");
    m.repository = text_at(job, "/metadata/annotations/cml-repo");
    m.labels = text_at(job, "/metadata/annotations/cml-labels");
    m.image = text_at(job, "/spec/template/spec/containers/0/image");
    m.type = text_at(job, "/spec/template/spec/containers/0/resources/limits/cpu") + " cores, " +
             text_at(job, "/spec/template/spec/containers/0/resources/limits/memory");
    bool const over = number_at(job, "/status/succeeded") > 0 || number_at(job, "/status/failed") > 0;
    m.state = over ? "stopped" : number_at(job, "/status/active") > 0 ? "running" : "pending";
    if (auto const when = parse_iso_time(text_at(job, "/metadata/creationTimestamp"))) m.launched_at = *when;
    if (auto const when = parse_iso_time(text_at(job, "/metadata/annotations/cml-expires-at"))) m.expires_at = *when;
    return m;
  }

  CloudSetup setup_;
  mutable Access access_;
};

}  // namespace

Result<std::unique_ptr<Cloud>> make_kubernetes(CloudSetup const& setup) {
  CML_TRY(access, kubernetes::find_access(setup));
  return std::unique_ptr<Cloud>(std::make_unique<Kubernetes>(setup, std::move(access)));
}

}  // namespace cml::cloud
