#include "platform/ca_bundle.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "base/embedded.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"

namespace cml {

std::vector<EmbeddedFile> const& embedded_authorities();  // One, named by its day (cmake/embed.cmake).

namespace {

std::optional<std::string> read_pem(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file || !contains(text, "-----BEGIN ")) return std::nullopt;
  if (text.back() != '\n') text += '\n';
  return text;
}

}  // namespace

std::vector<std::string> system_bundles() {
  return {
      "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch, Gentoo
      "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL 7 and newer
      "/etc/pki/tls/certs/ca-bundle.crt",                   // Fedora, RHEL 6, Amazon Linux
      "/etc/ssl/ca-bundle.pem",                             // openSUSE
      "/etc/pki/tls/cacert.pem",                            // older Red Hat family
      "/etc/ssl/cert.pem",                                  // Alpine
  };
}

CaBundle::CaBundle(Environment const& environment, std::vector<std::string> const& places) {
  auto const value = [&](char const* name) { return environment.get(name).value_or(""); };
  for (char const* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "GIT_SSL_CAINFO"})
    if (file_.empty() && !value(name).empty()) file_ = value(name), named_by_ = name;
  folder_ = value("SSL_CERT_DIR");
  std::error_code ignored;
  for (std::string const& place : places)
    if (file_.empty() && std::filesystem::is_regular_file(place, ignored)) file_ = place;
  for (char const* name : {"NODE_EXTRA_CA_CERTS", "CI_SERVER_TLS_CA_FILE"})
    if (auto path = value(name); !path.empty()) add(std::move(path), name);
}

void CaBundle::add(std::string pem_file, std::string named_by) {
  extras_.push_back({std::move(pem_file), std::move(named_by)});
  read_ = false;
}

std::string const& CaBundle::pem() {
  if (read_) return pem_;
  read_ = true;
  pem_.clear();
  for (Extra const& extra : extras_) {
    if (auto const text = read_pem(extra.path))
      pem_ += *text;
    else if (trouble_.empty())
      trouble_ = extra.named_by + "=" + one_line(extra.path) + " cannot be read as PEM";
  }
  if (needs_built_in())
    pem_.insert(0, embedded_authorities().front().bytes);
  else if (!pem_.empty())
    pem_.insert(0, read_pem(file_).value_or(""));
  return pem_;
}

std::string CaBundle::doubt(std::chrono::system_clock::time_point now) const {
  std::string_view const day = embedded_authorities().front().name;
  if (!needs_built_in() || day >= iso_time(now - std::chrono::hours(24 * 365))) return "";
  return "this system has no CA bundle, and the one built into cml is of " + std::string(day) +
         "; install ca-certificates, or name a bundle by SSL_CERT_FILE";
}

}  // namespace cml
