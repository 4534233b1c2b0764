#include "base/url_policy.hpp"

#include <catch2/catch.hpp>

#include "base/text.hpp"

using namespace cml;

TEST_CASE("url policy: a prefix allows its own scheme, host and port, and its path by whole segments", "[base][url]") {
  UrlPolicy const policy({"https://data.test/pub/", "http://127.0.0.1:8000", "https://one.test/x.csv?sig=a"});
  for (std::string const good :
       {"https://data.test/pub", "https://data.test/pub/a.csv?b=c#d", "HTTPS://DATA.test:443/pub/a",
        "https://data.test:/pub/a", "https://data.test/./x/../pub/a", "https://data.test//pub/a",
        "http://127.0.0.1:8000", "http://127.0.0.1:8000/a", "https://one.test/x.csv?sig=a",
        "https://data.test/pub/group%2Fproject/x"}) {
    INFO(good);
    CHECK(policy.check(good));
  }
  for (std::string const bad : {"https://data.test/public/a",
                                "https://data.test/pu",
                                "https://data.test/",
                                "http://data.test/pub/a",
                                "https://data.test:8443/pub/a",
                                "https://data.test.evil.test/pub/a",
                                "https://evil.test/pub/a",
                                "https://data.test/pub/../secret",
                                "https://data.test/pub/%2e%2E/secret",
                                "https://data.test/pub/..%2fsecret",
                                "https://data.test/pub/..%5csecret",
                                "https://data.test/pub\\..\\secret",
                                "https://data.test/pub/a\tb",
                                "https://data.test/pub/a\nb",
                                " https://data.test/pub/a",
                                "https://data.test@evil.test/pub/a",
                                "https://u:p@data.test/pub/a",
                                "https://@data.test/pub/a",
                                "http://127.0.0.1:8000@127.0.0.1:9000/x",
                                "http://127.0.0.1:80/a",
                                "http://127.0.0.1/a",
                                "http://127.1:8000/a",
                                "http://127.0.0.%31:8000/a",
                                "http://localhost:8000/a",
                                "http://2130706433:8000/",
                                "https://one.test/x.csv",
                                "https://one.test/x.csv?sig=b",
                                "https://data.test:0/pub/a",
                                "https://data.test:99999/pub/a",
                                "file:///etc/passwd",
                                "//data.test/pub/a",
                                ""}) {
    INFO(bad);
    auto const refused = policy.check(bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Forbidden);
    CHECK(contains(refused.error().message, "--allow-url"));
    CHECK_FALSE(contains(refused.error().message, "u:p"));
    CHECK_FALSE(contains(refused.error().message, "\n"));
  }
}

TEST_CASE("url policy: a prefix that is not an address allows nothing and is named", "[base][url]") {
  for (std::string const prefix :
       {"", "http", "https://", "data.test/pub", "ftp://data.test/", "https://u@data.test/"}) {
    auto const refused = UrlPolicy({prefix}).check("https://data.test/pub/a");
    INFO(prefix);
    REQUIRE_FALSE(refused);
    CHECK(contains(refused.error().message, "--allow-url https://data.test/ or a longer prefix"));
    CHECK(contains(refused.error().message, "is not an http or https URL") == !prefix.empty());
  }
  CHECK_FALSE(UrlPolicy({}).check("https://data.test/"));
}

TEST_CASE("url policy: this machine and its cloud's services are known in every spelling", "[base][url]") {
  for (std::string const local : {"localhost",
                                  "LOCALHOST",
                                  "localhost.",
                                  "a.localhost",
                                  "127.0.0.1",
                                  "127.1",
                                  "127.255.255.254",
                                  "0x7f000001",
                                  "0177.0.0.1",
                                  "2130706433",
                                  "0.0.0.0",
                                  "0",
                                  "169.254.169.254",
                                  "0xA9FEA9FE",
                                  "100.100.100.200",
                                  "168.63.129.16",
                                  "metadata.google.internal",
                                  "metadata.google.internal.",
                                  "[::1]",
                                  "::1",
                                  "[::]",
                                  "[::ffff:127.0.0.1]",
                                  "[::ffff:7f00:1]",
                                  "[::127.0.0.1]",
                                  "[fe80::1]",
                                  "fe80::1%eth0",
                                  "[fe80::1%25eth0]",
                                  "[febf::1]",
                                  "[fd00:ec2::254]",
                                  "[64:ff9b::7f00:1]",
                                  "[2002:7f00:1::]",
                                  "[0:0:0:0:0:0:0:1]"}) {
    INFO(local);
    CHECK(is_local_host(local));
  }
  for (std::string const other :
       {"example.com", "8.8.8.8", "10.0.0.1", "128.0.0.1", "100.100.100.201", "localhost.evil.test", "127.evil.test",
        "[2606:4700::1111]", "[fd00::1]", "[fec0::1]", "", "[", "notlocalhost"}) {
    INFO(other);
    CHECK_FALSE(is_local_host(other));
  }
}

TEST_CASE("url policy: a public name that leads to this machine is not connected to", "[base][url]") {
  UrlPolicy const policy({"https://data.test/", "http://localhost/", "http://127.0.0.1/"});
  CHECK(policy.may_connect("https://data.test/x", "93.184.216.34"));
  CHECK(policy.may_connect("https://data.test/x", "10.0.0.1"));
  for (std::string const address : {"127.0.0.1", "::1", "169.254.169.254", "fe80::1", "::ffff:127.0.0.1", "0.0.0.0"}) {
    CHECK_FALSE(policy.may_connect("https://data.test/x", address));
    CHECK(policy.may_connect("http://localhost/x", address));
  }
  CHECK(policy.may_connect("http://127.0.0.1/x", "127.0.0.1"));
}
