// The authorities whose certificates are trusted: the system's bundle or one that the environment names instead, and
// those of the user's own that are added to it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "ports/environment.hpp"

namespace cml {

// Where distributions keep the bundle; the first that is there counts.
std::vector<std::string> system_bundles();

// The file can be read and holds certificates.
bool is_pem(std::string const& path);

class CaBundle {
 public:
  // Instead of the system's: CURL_CA_BUNDLE, SSL_CERT_FILE, GIT_SSL_CAINFO, SSL_CERT_DIR. Added: NODE_EXTRA_CA_CERTS
  // and CI_SERVER_TLS_CA_FILE, which GitLab's runner sets. A system without a bundle gets the one built into cml.
  explicit CaBundle(Environment const& environment, std::vector<std::string> const& places = system_bundles());
  void add(std::string pem_file, std::string named_by);

  std::string const& file() const { return file_; }  // Empty: the system has none.
  std::string const& folder() const { return folder_; }
  // Everything that is trusted, as PEM; empty when it is just what `file` and `folder` hold.
  std::string const& pem();
  // A variable that names a file, also one that does not count since another comes before it.
  struct Named {
    std::string by, path;
    bool replaces;  // The system's bundle; else it is added to what is trusted.
  };
  std::vector<Named> const& named() const { return named_; }
  // The variable that names the bundle instead of the system's; empty: none does.
  std::string const& named_by() const { return named_by_; }
  // For the hint after a certificate was refused.
  std::string const& trouble() const { return trouble_; }
  // A warning when the built-in bundle is used and older than a year; else empty.
  std::string doubt(std::chrono::system_clock::time_point now) const;
  bool is_built_in() const { return file_.empty() && folder_.empty(); }

 private:
  std::string file_, folder_, pem_, trouble_, named_by_;
  std::vector<Named> named_;
  bool read_ = false;
};

}  // namespace cml
