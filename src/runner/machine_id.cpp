#include "runner/machine_id.hpp"

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "cloud/names.hpp"

namespace cml::runner {
namespace {

constexpr std::size_t kNameBytes = 28;
constexpr std::string_view kBase36 = "0123456789abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kIdTail = 8 + 1 + 8, kCheckDigits = 4;  // "TTTTTTRR-RRRRCCCC"

std::string base36(std::uint64_t value, std::size_t digits) {
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; value /= 36) text[i] = kBase36[value % 36];
  return text;
}

std::string check_of(std::string_view name, std::string_view time_and_chance, std::string_view cloud) {
  std::string const all = std::string(name) + "-" + std::string(time_and_chance) + std::string(cloud);
  return base36(std::stoull(sha256_hex(all).substr(0, 15), nullptr, 16), kCheckDigits);
}

}  // namespace

std::string random_name(Random& random, std::size_t length) {
  constexpr std::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string name;
  while (name.size() < length) name.push_back(kLetters[random.next() % kLetters.size()]);
  return name;
}

std::string make_id(std::string_view given, std::string_view cloud, Time now, Random& random) {
  std::string name;
  for (char c : to_lower(given.empty() ? random_name(random, 6) : std::string(given))) {
    bool const plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain)
      name.push_back(c);
    else if (!name.empty() && name.back() != '-')
      name.push_back('-');
  }
  name = name.substr(0, kNameBytes);
  while (!name.empty() && name.back() == '-') name.pop_back();
  if (name.empty()) name = "runner";
  auto const second = static_cast<std::uint64_t>(std::chrono::duration_cast<seconds>(now.time_since_epoch()).count());
  std::string const time_and_chance = base36(second, 6) + base36(random.next(), 2) + "-" + base36(random.next(), 4);
  return "cml-" + name + "-" + time_and_chance + check_of(name, time_and_chance, cloud);
}

std::optional<Time> time_of_id(std::string_view id) {
  if (cloud_of_id(id).empty()) return std::nullopt;
  std::uint64_t second = 0;
  for (char c : id.substr(id.size() - kIdTail, 6)) second = second * 36 + kBase36.find(c);
  return Time() + seconds(static_cast<long long>(second));
}

std::string cloud_of_id(std::string_view id) {
  if (id.substr(0, 4) != "cml-" || id.size() < 4 + 1 + 1 + kIdTail || id[id.size() - 9] != '-' ||
      id[id.size() - kIdTail - 1] != '-')
    return "";
  std::string_view const tail = id.substr(id.size() - kIdTail), name = id.substr(4, id.size() - 5 - kIdTail);
  if (tail.substr(0, 8).find_first_not_of(kBase36) != std::string_view::npos) return "";
  for (std::string_view const cloud : cloud::kCloudNames)
    if (check_of(name, tail.substr(0, kIdTail - kCheckDigits), cloud) == tail.substr(kIdTail - kCheckDigits))
      return std::string(cloud);
  return "";
}

}  // namespace cml::runner
