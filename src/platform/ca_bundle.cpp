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
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;  // Reading a folder throws.
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  bool const certificates = contains(text, "-----BEGIN CERTIFICATE-----") ||
                            contains(text, "-----BEGIN TRUSTED CERTIFICATE-----") ||
                            contains(text, "-----BEGIN X509 CERTIFICATE-----");
  if (!file || !certificates) return std::nullopt;
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

bool is_pem(std::string const& path) { return read_pem(path).has_value(); }

CaBundle::CaBundle(Environment const& environment, std::vector<std::string> const& places) {
  auto const value = [&](char const* name) { return environment.get(name).value_or(""); };
  for (char const* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "GIT_SSL_CAINFO"})
    if (std::string path = value(name); !path.empty()) {
      if (file_.empty()) file_ = path, named_by_ = name;
      named_.push_back({name, std::move(path), true});
    }
  folder_ = value("SSL_CERT_DIR");
  std::error_code ignored;
  for (std::string const& place : places)
    if (file_.empty() && std::filesystem::is_regular_file(place, ignored)) file_ = place;
  for (char const* name : {"NODE_EXTRA_CA_CERTS", "CI_SERVER_TLS_CA_FILE"})
    if (auto path = value(name); !path.empty()) add(std::move(path), name);
}

void CaBundle::add(std::string pem_file, std::string named_by) {
  named_.push_back({std::move(named_by), std::move(pem_file), false});
  read_ = false;
}

std::string const& CaBundle::pem() {
  if (read_) return pem_;
  read_ = true;
  pem_.clear();
  auto const read = [&](std::string const& by, std::string const& path) {
    auto text = read_pem(path);
    if (!text && trouble_.empty()) trouble_ = by + "=" + one_line(path) + " cannot be read as PEM";
    return text.value_or("");
  };
  for (Named const& one : named_)
    if (!one.replaces) pem_ += read(one.by, one.path);
  if (is_built_in())
    pem_.insert(0, embedded_authorities().front().bytes);
  else if (!pem_.empty() && !file_.empty())
    pem_.insert(0, read(named_by_.empty() ? "the system's bundle" : named_by_, file_));
  return pem_;
}

std::string CaBundle::doubt(std::chrono::system_clock::time_point now) const {
  std::string_view const day = embedded_authorities().front().name;
  if (!is_built_in() || day >= iso_time(now - std::chrono::hours(24 * 365))) return "";
  return "this system has no CA bundle, and the one built into cml is of " + std::string(day) +
         "; install ca-certificates, or name a bundle by SSL_CERT_FILE";
}

}  // namespace cml
