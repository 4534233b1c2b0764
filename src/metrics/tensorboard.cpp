// TensorBoard's event files: TFRecord framing around protobuf messages, of which only scalars are read.
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/text.hpp"
#include "metrics/formats.hpp"

namespace cml::metrics {
namespace {

using Tables8 = std::array<std::array<std::uint32_t, 256>, 8>;

constexpr Tables8 make_tables() {
  Tables8 tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (crc & 1 ? 0x82F63B78u : 0u);
    tables[0][i] = crc;
  }
  for (std::uint32_t i = 0; i < 256; ++i)
    for (std::size_t k = 1; k < 8; ++k) tables[k][i] = (tables[k - 1][i] >> 8) ^ tables[0][tables[k - 1][i] & 0xff];
  return tables;
}
constexpr Tables8 kCrc = make_tables();

template <class T>
T little_endian(char const* bytes) {
  static_assert(std::endian::native == std::endian::little, "event files are little-endian");
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

// CRC-32C (Castagnoli), eight bytes a step.
std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  while (bytes.size() >= 8) {
    std::uint32_t const low = crc ^ little_endian<std::uint32_t>(bytes.data());
    std::uint32_t const high = little_endian<std::uint32_t>(bytes.data() + 4);
    crc = kCrc[7][low & 0xff] ^ kCrc[6][(low >> 8) & 0xff] ^ kCrc[5][(low >> 16) & 0xff] ^ kCrc[4][low >> 24] ^
          kCrc[3][high & 0xff] ^ kCrc[2][(high >> 8) & 0xff] ^ kCrc[1][(high >> 16) & 0xff] ^ kCrc[0][high >> 24];
    bytes.remove_prefix(8);
  }
  for (char c : bytes) crc = (crc >> 8) ^ kCrc[0][(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}
// TFRecord's mask, which keeps a CRC of data that itself holds CRCs from being weak.
std::uint32_t masked_crc(std::string_view bytes) {
  std::uint32_t const crc = crc32c(bytes);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

// The fields of one protobuf message. A malformed one ends the walk and is remembered.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}
  bool next() {
    if (rest_.empty()) return false;
    std::uint64_t const tag = varint();
    if (bad) return false;
    number = static_cast<int>(tag >> 3);
    switch (tag & 7) {
      case 0:
        integer = varint();
        break;
      case 1:
        text = take(8);
        break;
      case 2:
        text = take(varint());
        break;
      case 5:
        text = take(4);
        break;
      default:
        bad = true;
    }
    return !bad;
  }
  double as_double() const { return text.size() == 8 ? little_endian<double>(text.data()) : std::nan(""); }
  double as_float() const { return text.size() == 4 ? double{little_endian<float>(text.data())} : std::nan(""); }

  int number = 0;
  std::uint64_t integer = 0;
  std::string_view text;
  bool bad = false;

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      auto const byte = static_cast<unsigned char>(rest_[0]);
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) return value;
    }
    bad = true;
    return 0;
  }
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) return bad = true, std::string_view{};
    auto const taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view rest_;
};

struct Series {
  std::vector<double> steps, values;
  bool other_plugin = false;  // Images, histograms, text: not scalars.
};
struct ViewHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using AllSeries = std::unordered_map<std::string, Series, ViewHash, std::equal_to<>>;

// TensorFlow 2 writes scalars as tensors of one element.
std::optional<double> scalar_tensor(std::string_view bytes) {
  std::uint64_t type = 0;
  std::optional<double> value;
  std::string_view content;
  Fields field(bytes);
  while (field.next()) {
    if (field.number == 1) type = field.integer;
    if (field.number == 4) content = field.text;
    if (field.number == 5 && field.text.size() == 4) value = field.as_float();  // Packed or not: one element.
    if (field.number == 6 && field.text.size() == 8) value = field.as_double();
  }
  if (type == 1 && content.size() == 4) return double{little_endian<float>(content.data())};
  if (type == 2 && content.size() == 8) return little_endian<double>(content.data());
  return type == 1 || type == 2 ? value : std::nullopt;
}

std::string_view plugin_of(std::string_view metadata) {
  Fields field(metadata);
  while (field.next()) {
    if (field.number != 1) continue;
    Fields plugin(field.text);
    while (plugin.next())
      if (plugin.number == 1) return plugin.text;
  }
  return {};
}

void read_value(std::string_view bytes, double step, AllSeries& all) {
  std::string_view tag, plugin;
  std::optional<double> value;
  Fields field(bytes);
  while (field.next()) {
    if (field.number == 1) tag = field.text;
    if (field.number == 2) value = field.as_float();
    if (field.number == 8) value = scalar_tensor(field.text);
    if (field.number == 9) plugin = plugin_of(field.text);
  }
  if (field.bad) return;
  auto found = all.find(tag);
  if (found == all.end()) found = all.emplace(std::string(tag), Series{}).first;
  Series& series = found->second;
  if (!plugin.empty() && plugin != "scalars") series.other_plugin = true;
  if (!value || series.other_plugin) return;
  series.steps.push_back(step);
  series.values.push_back(*value);
}

void read_event(std::string_view bytes, AllSeries& all) {
  double step = 0;
  std::string_view summary;
  Fields field(bytes);
  while (field.next()) {
    if (field.number == 2) step = static_cast<double>(static_cast<std::int64_t>(field.integer));
    if (field.number == 5) summary = field.text;
  }
  Fields values(summary);
  while (values.next())
    if (values.number == 1) read_value(values.text, step, all);
}

// Reads records until the end; a file that is still being written may end inside one. Where a record is damaged there
// is no finding the next: what stands before it is kept, and `note` says where it was.
Status read_records(std::string_view bytes, AllSeries& all, std::string& note) {
  std::size_t count = 0;
  while (bytes.size() >= 12) {
    auto const length = little_endian<std::uint64_t>(bytes.data());
    bool const intact = masked_crc(bytes.substr(0, 8)) == little_endian<std::uint32_t>(bytes.data() + 8);
    if (!intact && count == 0)
      return Error{ErrorKind::BadInput, "is not a TensorBoard event file (its first record has a wrong checksum)"};
    if (intact && (bytes.size() < 16 || length > bytes.size() - 16)) return ok();
    std::string_view const data = intact ? bytes.substr(12, length) : "";
    if (!intact || masked_crc(data) != little_endian<std::uint32_t>(bytes.data() + 12 + length)) {
      note = "record " + std::to_string(count + 1) +
             " has a wrong checksum: the file is damaged, and what follows is left out";
      return ok();
    }
    read_event(data, all);
    bytes.remove_prefix(16 + length);
    ++count;
  }
  if (count == 0) return Error{ErrorKind::BadInput, "is not a TensorBoard event file (it holds no record)"};
  return ok();
}

void add_series(AllSeries& all, std::string const& prefix, std::map<std::string, Series>& named) {
  for (auto& [tag, series] : all) {
    if (series.values.empty()) continue;
    Series& whole = named[prefix + tag];
    whole.steps.insert(whole.steps.end(), series.steps.begin(), series.steps.end());
    whole.values.insert(whole.values.end(), series.values.begin(), series.values.end());
  }
}

Document document_of(std::map<std::string, Series>& named) {
  Document document;
  document.format = "TensorBoard";
  for (auto& [tag, series] : named) {
    document.metrics.push_back({tag, series.values[newest_of(series.steps)]});
    Column step{"step", std::move(series.steps), {}, true}, value{tag, std::move(series.values), {}, false};
    document.tables.push_back({tag, {std::move(step), std::move(value)}});
  }
  return document;
}

}  // namespace

std::size_t newest_of(std::vector<double> const& steps) {
  std::size_t last = 0;
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (steps[i] >= steps[last]) last = i;
  return last;
}

bool is_event_file(std::string_view path) { return contains(path.substr(path.rfind('/') + 1), "tfevents"); }

Result<Document> read_event_file(std::string_view bytes, Limits const&) {
  AllSeries all;
  std::string note;
  CML_CHECK_OK(read_records(bytes, all, note));
  std::map<std::string, Series> named;
  add_series(all, "", named);
  Document document = document_of(named);
  if (!note.empty()) document.notes.push_back(std::move(note));
  return document;
}

bool is_tensorboard(std::vector<std::string> const& files) {
  for (std::string const& file : files)
    if (is_event_file(file)) return true;
  return false;
}

// Each sub-folder is a run, whose name stands before the tag ("train/epoch_loss"). Several files of one folder are one
// run that was resumed; one that cannot be read is left out, as long as another can.
Result<Document> read_tensorboard(Source& source, std::string const& folder, std::vector<std::string> const& files,
                                  Limits const& limits) {
  std::vector<std::string> wanted;
  for (std::string const& file : files)
    if (is_event_file(file)) wanted.push_back(file);
  CML_CHECK_OK(source.prefetch(wanted, limits.max_bytes));
  std::map<std::string, Series> named;
  std::vector<std::string> notes;
  std::optional<Error> failed;
  bool any = false;
  for (std::string const& file : wanted) {
    auto const bytes = source.read(file, limits.max_bytes);
    if (bytes && bytes->empty()) continue;  // Made, but nothing written yet.
    AllSeries all;
    std::string note;
    Status const status = bytes ? read_records(*bytes, all, note) : Status(bytes.error());
    if (!status) {
      notes.push_back(file + ": " + status.error().message);
      if (!failed) failed = Error(status.error()).while_doing(file);
      continue;
    }
    any = true;
    if (!note.empty()) notes.push_back(file + ": " + note);
    std::size_t const skip = folder.empty() ? 0 : folder.size() + (folder.back() == '/' ? 0 : 1);
    auto const slash = file.rfind('/');
    std::string const run = slash == std::string::npos || slash < skip ? "" : file.substr(skip, slash - skip) + "/";
    add_series(all, run, named);
  }
  if (!any && failed) return *failed;
  Document document = document_of(named);
  document.notes = std::move(notes);
  return document;
}

}  // namespace cml::metrics
