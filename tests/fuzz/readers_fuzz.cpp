// Any bytes as a metrics file of every format, and as the files of an MLflow and a DVCLive folder: values, or an error.
// Seeds: tests/readers_fuzz CORPUS fixtures/report fixtures/kinds.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "metrics/reader.hpp"
#include "metrics/trees.hpp"

using namespace cml;
using namespace cml::metrics;

namespace {

class MemorySource : public Source {
 public:
  explicit MemorySource(std::string_view bytes) {
    for (char const* name : {"mlruns/0/meta.yaml", "mlruns/0/a/meta.yaml", "mlruns/0/a/metrics/x/y",
                             "mlruns/0/a/params/p", "live/metrics.json", "live/plots/metrics/a/b.tsv"})
      files_[name] = bytes;
  }
  FileKind kind(std::string const& path) override {
    if (files_.contains(path)) return FileKind::Regular;
    return path == "mlruns" || path == "live" ? FileKind::Directory : FileKind::Missing;
  }
  Result<std::string> read(std::string const& path, std::uintmax_t) override {
    auto const file = files_.find(path);
    if (file == files_.end()) return Error{ErrorKind::NotFound, "absent"};
    return file->second;
  }
  Result<std::vector<std::string>> list(std::string const& folder) override {
    std::vector<std::string> names;
    for (auto const& [name, bytes] : files_)
      if (name.starts_with(folder + "/")) names.push_back(name);
    return names;
  }
  std::string describe() const override { return ""; }

 private:
  std::map<std::string, std::string> files_;
};

std::uint32_t masked_crc(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0);
  }
  crc = ~crc;
  return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
}

std::string little_endian(std::uint64_t number, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(number >> (8 * i));
  return text;
}

// One record with right checksums: past them the fuzzer would never get by itself.
std::string record(std::string_view data) {
  std::string const length = little_endian(data.size(), 8);
  return length + little_endian(masked_crc(length), 4) + std::string(data) + little_endian(masked_crc(data), 4);
}

// What reports do with a document.
void use(Result<Document> const& document) {
  if (!document) {
    if (document.error().message.empty()) __builtin_trap();
    return;
  }
  for (Metric const& metric : document->metrics) (void)to_python(metric.value);
  for (Records const& table : document->tables)
    for (Column const& column : table.columns) {
      if (column.size() != table.rows()) __builtin_trap();
      if (column.size() > 0) (void)to_python(column.at(column.size() - 1));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const bytes(reinterpret_cast<char const*>(data), size);
  Limits limits;
  limits.max_values = limits.max_alias_values = 10'000;
  limits.max_cells = 100'000;
  for (Format const& format : formats()) use(format.read(bytes, limits));
  use(formats().front().read(record(bytes), limits));  // TensorBoard.
  (void)read_dvc_yaml(bytes, limits, [&](std::string const& name) -> std::optional<Node> {
    auto tree = parse_tree(name, bytes, limits);
    return tree ? std::optional(std::move(*tree)) : std::nullopt;
  });
  MemorySource source(bytes);
  for (char const* folder : {"mlruns", "mlruns:a", "live"}) use(read_document(source, folder, limits));
  return 0;
}
