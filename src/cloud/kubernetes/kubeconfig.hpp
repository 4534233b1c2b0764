// Which cluster, and as whom: kubeconfig text or files, or the pod that we run in.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>

#include "cloud/cloud.hpp"

namespace cml::cloud::kubernetes {

struct Access {
  std::string server;  // Without "/" at the end.
  std::string name_space = "default";
  std::shared_ptr<TlsSettings> tls = std::make_shared<TlsSettings>();
  Secret authorization;  // "Bearer ..." or "Basic ..."; empty: the certificate is enough.
  std::string proxy;     // Of the cluster's entry; empty: what the environment says.
  std::string source;    // For messages.
};

// YAML or JSON as JSON; BadInput with the line. Aliases are refused, so a small text cannot become a large one.
Result<nlohmann::json> parse_yaml(std::string const& text);
// KUBERNETES_CONFIGURATION or KUBECONFIG_DATA (contents), KUBECONFIG (files), ~/.kube/config, the pod's service
// account.
Result<Access> find_access(CloudSetup const&);

}  // namespace cml::cloud::kubernetes
