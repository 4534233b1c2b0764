#include "platform/ca_bundle.hpp"

#include <catch2/catch.hpp>

#include <fstream>

#include "support/fakes.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
using namespace std::chrono;

namespace {

std::string write(std::filesystem::path const& path, std::string const& name) {
  std::ofstream(path) << "-----BEGIN CERTIFICATE-----\n" << name << "\n";
  return path.string();
}

constexpr sys_days kSoon{year(2023) / 1 / 1};  // Before any bundle that Debian 12 has.

}  // namespace

TEST_CASE("authorities: the first of the system's places that is there", "[platform][tls]") {
  TemporaryFolder folder;
  std::string const first = write(folder.path / "first.pem", "FIRST"), second = write(folder.path / "2.pem", "SECOND");
  FakeEnvironment environment;
  CaBundle bundle(environment, {"/no/such/place", first, second});
  CHECK(bundle.file() == first);
  CHECK(bundle.pem().empty());
  CHECK(bundle.doubt(sys_days(year(2099) / 1 / 1)).empty());
}

TEST_CASE("authorities: the environment's bundle goes before the system's, and others are added", "[platform][tls]") {
  TemporaryFolder folder;
  std::string const system = write(folder.path / "system.pem", "SYSTEM"), own = write(folder.path / "own.pem", "OWN");
  std::string const extra = write(folder.path / "extra.pem", "EXTRA");
  FakeEnvironment environment;
  environment.variables = {{"SSL_CERT_FILE", own}, {"NODE_EXTRA_CA_CERTS", extra}};
  CaBundle bundle(environment, {system});
  CHECK(bundle.file() == own);
  CHECK(bundle.pem() == "-----BEGIN CERTIFICATE-----\nOWN\n-----BEGIN CERTIFICATE-----\nEXTRA\n");
}

TEST_CASE("authorities: a system without any gets the built-in ones, and a word when they are old", "[platform][tls]") {
  TemporaryFolder folder;
  FakeEnvironment environment;
  CaBundle bundle(environment, {});
  CHECK(bundle.file().empty());
  CHECK(bundle.pem().starts_with("-----BEGIN CERTIFICATE-----\n"));
  CHECK(bundle.doubt(kSoon).empty());
  CHECK(bundle.doubt(sys_days(year(2099) / 1 / 1)).starts_with("this system has no CA bundle"));
  std::string const extra = write(folder.path / "extra.pem", "EXTRA");
  bundle.add(extra, "http.sslCAInfo");
  CHECK(bundle.pem().starts_with("-----BEGIN CERTIFICATE-----\n"));
  CHECK(bundle.pem().ends_with("EXTRA\n"));
}

TEST_CASE("authorities: a file that holds none is the trouble that a refused certificate tells", "[platform][tls]") {
  TemporaryFolder folder;
  std::string const extra = write(folder.path / "extra.pem", "EXTRA"), key = (folder.path / "key.pem").string();
  std::ofstream(key) << "-----BEGIN PRIVATE KEY-----\n";
  FakeEnvironment environment;
  for (std::string const& named : {key, std::string("/nowhere.pem"), folder.path.string()}) {
    environment.variables = {{"SSL_CERT_FILE", named}, {"NODE_EXTRA_CA_CERTS", extra}};
    CaBundle bundle(environment, {});
    CHECK(bundle.pem() == "-----BEGIN CERTIFICATE-----\nEXTRA\n");
    CHECK(bundle.trouble() == "SSL_CERT_FILE=" + named + " cannot be read as PEM");
    environment.variables = {{"NODE_EXTRA_CA_CERTS", named}};
    CaBundle added(environment, {extra});
    CHECK(added.pem().empty());
    CHECK(added.trouble() == "NODE_EXTRA_CA_CERTS=" + named + " cannot be read as PEM");
  }
}

TEST_CASE("authorities: a folder that the environment names stands for itself", "[platform][tls]") {
  FakeEnvironment environment;
  environment.variables = {{"SSL_CERT_DIR", "/certificates"}};
  CaBundle bundle(environment, {});
  CHECK(bundle.folder() == "/certificates");
  CHECK(bundle.pem().empty());
}
