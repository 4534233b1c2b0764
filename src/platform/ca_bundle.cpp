#include "platform/ca_bundle.hpp"

#include <fstream>
#include <iterator>
#include <optional>

#include "base/text.hpp"

namespace cml {
namespace {

std::optional<std::string> read_pem(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file || !contains(text, "-----BEGIN ")) return std::nullopt;
  if (text.back() != '\n') text += '\n';
  return text;
}

// Where systems keep the bundle, for a libcurl that does not tell.
constexpr char const* kSystemBundles[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                          "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

}  // namespace

CaBundle::CaBundle(Environment const& environment) {
  auto const value = [&](char const* name) { return environment.get(name).value_or(""); };
  for (char const* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "GIT_SSL_CAINFO"})
    if (file_.empty()) file_ = value(name);
  folder_ = value("SSL_CERT_DIR");
  for (char const* name : {"NODE_EXTRA_CA_CERTS", "CI_SERVER_TLS_CA_FILE"})
    if (auto path = value(name); !path.empty()) add(std::move(path), name);
}

void CaBundle::add(std::string pem_file, std::string named_by) {
  extras_.push_back({std::move(pem_file), std::move(named_by)});
  read_ = false;
}

std::string const& CaBundle::pem(std::string const& system_file) {
  if (read_) return pem_;
  read_ = true;
  pem_.clear();
  for (Extra const& extra : extras_) {
    if (auto const text = read_pem(extra.path))
      pem_ += *text;
    else if (trouble_.empty())
      trouble_ = extra.named_by + "=" + one_line(extra.path) + " cannot be read as PEM";
  }
  if (pem_.empty()) return pem_;
  std::vector<std::string> places{file_.empty() ? system_file : file_};
  if (file_.empty()) places.insert(places.end(), std::begin(kSystemBundles), std::end(kSystemBundles));
  for (std::string const& place : places) {
    auto const text = place.empty() ? std::nullopt : read_pem(place);
    if (!text) continue;
    pem_.insert(0, *text);
    break;
  }
  return pem_;
}

}  // namespace cml
