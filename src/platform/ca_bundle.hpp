// The authorities whose certificates are trusted: the system's bundle or one that the environment names instead, and
// those of the user's own that are added to it.
#pragma once

#include <string>
#include <vector>

#include "ports/environment.hpp"

namespace cml {

class CaBundle {
 public:
  // Instead of the system's: CURL_CA_BUNDLE, SSL_CERT_FILE, GIT_SSL_CAINFO, SSL_CERT_DIR. Added: NODE_EXTRA_CA_CERTS
  // and CI_SERVER_TLS_CA_FILE, which GitLab's runner sets.
  explicit CaBundle(Environment const& environment);
  void add(std::string pem_file, std::string named_by);

  std::string const& file() const { return file_; }  // Instead of the system's; may be empty.
  std::string const& folder() const { return folder_; }
  // Everything that is trusted, as PEM; empty when nothing is added, for then curl reads its bundle itself.
  std::string const& pem(std::string const& system_file);
  // For the hint after a certificate was refused.
  std::string const& trouble() const { return trouble_; }

 private:
  struct Extra {
    std::string path, named_by;
  };
  std::string file_, folder_, pem_, trouble_;
  std::vector<Extra> extras_;
  bool read_ = false;
};

}  // namespace cml
