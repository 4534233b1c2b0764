// Metrics files that try to read, run or inflate something: they are data and nothing else.
#include <catch2/catch.hpp>

#include <string>

#include "base/text.hpp"
#include "metrics/reader.hpp"
#include "report/compose/sources.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;
using namespace cml::metrics;

namespace {

struct MetricsPlace {
  MemoryFileSystem files;
  MetricsPlace() { files.put("/project/secret.txt", "TOP-SECRET-MARKER"); }
  // All that a report could show of the file: names and values, or the error.
  std::string shown(std::string const& name, std::string bytes) {
    files.put("/project/" + name, std::move(bytes));
    Door const door(files, {.root = "/project"});
    report::DiskSource source(door, "/project");
    auto const document = read_document(source, name, {});
    if (!document) return "error: " + document.error().message;
    std::string all;
    for (auto const& metric : document->metrics) all += metric.name + "=" + to_python(metric.value) + "\n";
    return all;
  }
};

std::string little_endian_bytes(std::uint64_t value, int bytes) {
  std::string all;
  for (int i = 0; i < bytes; ++i) all += static_cast<char>(value >> (8 * i) & 0xff);
  return all;
}

// TFRecord's checksum: CRC-32C, rotated and moved.
std::string checksum(std::string const& bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (char const c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0u);
  }
  crc = ~crc;
  return little_endian_bytes(((crc >> 15) | (crc << 17)) + 0xa282ead8u, 4);
}

// A record that is as its checksums say.
std::string event_record(std::string const& data) {
  std::string const length = little_endian_bytes(data.size(), 8);
  return length + checksum(length) + data + checksum(data);
}

}  // namespace

TEST_CASE("hostile metrics: XML opens nothing and does not grow", "[metrics][security]") {
  MetricsPlace place;
  std::string bomb = "<!DOCTYPE t [<!ENTITY a0 \"aaaaaaaaaa\">";
  for (int i = 1; i < 12; ++i) {
    bomb += "<!ENTITY a" + std::to_string(i) + " \"";
    for (int k = 0; k < 10; ++k) bomb += "&a" + std::to_string(i - 1) + ";";
    bomb += "\">";
  }
  std::string const bombed =
      place.shown("junit.xml", bomb + "]><testsuite><testcase name=\"&a11;\"/><testcase>&a11;</testcase></testsuite>");
  INFO(bombed);
  CHECK(bombed.starts_with("error: junit.xml"));
  CHECK(bombed.size() < 1000);
  for (char const* address : {"secret.txt", "file:///project/secret.txt", "http://127.0.0.1:1/x"}) {
    std::string const external = place.shown(
        "junit.xml",
        "<!DOCTYPE t [<!ENTITY x SYSTEM \"" + std::string(address) +
            "\">]><testsuite><testcase name=\"a\"><failure message=\"m\">&x;</failure></testcase></testsuite>");
    INFO(external);
    CHECK_FALSE(contains(external, "TOP-SECRET-MARKER"));
  }
}

TEST_CASE("hostile metrics: YAML's tags make no objects, and merged maps are bounded", "[metrics][security]") {
  MetricsPlace place;
  std::string const tagged =
      place.shown("m.yaml", "a: !!python/object/apply:os.system [\"cat secret.txt\"]\nb: !include secret.txt\nc: 1\n");
  INFO(tagged);
  CHECK_FALSE(contains(tagged, "TOP-SECRET-MARKER"));
  CHECK((contains(tagged, "c=1") || tagged.starts_with("error: m.yaml")));
  std::string merged = "m0: &m0 {k0: 1, k1: 1, k2: 1, k3: 1, k4: 1, k5: 1, k6: 1, k7: 1, k8: 1, k9: 1}\n";
  for (int i = 1; i < 60; ++i) {
    std::string const last = "*m" + std::to_string(i - 1);
    merged += "m" + std::to_string(i) + ": &m" + std::to_string(i) + "\n  <<: [" + last + ", " + last + "]\n  x" +
              std::to_string(i) + ": {<<: " + last + ", y: " + last + "}\n";
  }
  CHECK(contains(place.shown("m.yaml", merged), "aliases expand to more than 100000 values"));
}

TEST_CASE("hostile metrics: lengths inside event files that lead beyond their end are errors or the end",
          "[metrics][security]") {
  MetricsPlace place;
  std::string const name = "events.out.tfevents.1";
  // Step 1 and the summary's one value: tag "loss", 0.5.
  std::string const value = "\x0a\x04loss\x15" + std::string("\0\0\0\x3f", 4);
  auto const length_byte = [](std::string const& text) { return std::string(1, static_cast<char>(text.size())); };
  std::string const summary = "\x0a" + length_byte(value) + value;
  std::string const good = event_record("\x10\x01\x2a" + length_byte(summary) + summary);
  CHECK(place.shown(name, good) == "loss=0.5\n");
  for (std::uint64_t const length : {~std::uint64_t{0}, std::uint64_t{1} << 63, std::uint64_t{1} << 40}) {
    INFO(length);
    std::string const head = little_endian_bytes(length, 8);
    CHECK(place.shown(name, good + head + checksum(head) + "abcd") == "loss=0.5\n");
    CHECK(place.shown(name, head + std::string(20, '\0')).starts_with("error: " + name));
    std::string varint;
    for (std::uint64_t rest = length; rest > 0; rest >>= 7)
      varint += static_cast<char>((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    for (char const* before : {"\x2a", "\x10\x01\x2a", "\x2a\x40\x0a", "\x2a\x40\x0a\x3e\x0a"}) {
      std::string const bad = event_record(before + varint + "abc");
      CHECK(place.shown(name, good + bad) == "loss=0.5\n");
    }
  }
}

TEST_CASE("hostile metrics: a table of a million columns is refused by its count", "[metrics][security]") {
  MetricsPlace place;
  std::string header = "c";
  header.reserve(std::size_t{2} << 20);
  for (int i = 1; i < 1'000'000; ++i) header += ",c";
  CHECK(contains(place.shown("m.csv", header + "\n1\n"), "has 1000000 columns; at most 10000 are read"));
}
