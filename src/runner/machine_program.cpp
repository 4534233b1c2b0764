#include "runner/machine_program.hpp"

#include "base/home.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

#ifndef CML_AGENT_SUMS
#define CML_AGENT_SUMS ""
#endif

namespace cml::runner {
namespace {

constexpr std::string_view kSumMark = "#sha256=";
constexpr std::size_t kSumDigits = 64, kMaxProgramBytes = 64u << 20;
constexpr std::chrono::seconds kAskLimit{15}, kFetchLimit{120};

bool is_sum(std::string_view text) {
  return text.size() == kSumDigits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<MachineProgram> named_program(std::string const& given, ProgramSums const& sums) {
  MachineProgram program{given.substr(0, given.find('#')), sums, false};
  auto const mark = given.find(kSumMark);
  std::string const sum = mark == std::string::npos ? "" : to_lower(given.substr(mark + kSumMark.size()));
  if (mark != std::string::npos) program.sums = {sum, sum};
  auto const url = parse_url(program.url);
  bool const plain = url && url->scheme == "http" && !sum.empty();
  if (!url || (url->scheme != "https" && !plain) || (mark != std::string::npos && !is_sum(sum)))
    return Error{ErrorKind::Usage,
                 "--cml-url \"" + one_line(safe_url(given), 100) + "\" must be https (or http with #sha256=HEX)"};
  return program;
}

Result<std::string> fetch(HttpClient& http, std::string const& url, std::string const& sum) {
  CML_TRY(answer, http.send({.url = url, .timeout = kFetchLimit, .max_response_bytes = kMaxProgramBytes}));
  if (answer.status != 200)
    return Error{ErrorKind::NotFound, "GET " + safe_url(url) + " answered " + std::to_string(answer.status)};
  if (sum.empty() || sha256_hex(answer.body) == sum) return std::move(answer.body);
  return Error{ErrorKind::BadInput, "GET " + safe_url(url) + ": the SHA-256 is not the one that this cml was told"};
}

Status is_there(HttpClient& http, std::string const& url, std::string const& sum) {
  CML_TRY(bytes, fetch(http, url, sum));
  return ok();
}

}  // namespace

ProgramSums built_in_sums() {
  ProgramSums sums;
  for (std::string const& row : split(CML_AGENT_SUMS, ',')) {
    auto const equals = row.find('=');
    if (equals == std::string::npos || !is_sum(row.substr(equals + 1))) continue;
    (row.substr(0, equals) == "arm64" ? sums.arm64 : sums.x64) = row.substr(equals + 1);
  }
  return sums;
}

std::string MachineProgram::url_for(std::string_view architecture) const {
  return replace_all(url, "{arch}", architecture);
}
std::string const& MachineProgram::sum_for(std::string_view architecture) const {
  return architecture == "arm64" ? sums.arm64 : sums.x64;
}

Result<MachineProgram> machine_program(std::string const& given, std::string_view home, std::string_view version,
                                       ProgramSums const& sums) {
  if (!given.empty()) return named_program(given, sums);
  constexpr std::string_view kRemedy = "; name it with --cml-url=https://HOST/cml-agent-linux-{arch}#sha256=HEX";
  std::string const url = release_url(home, version, "cml-agent-linux-{arch}");
  if (url.empty())
    return Error{ErrorKind::Usage,
                 "the machine could not fetch cml-agent: this build does not know where its releases "
                 "are" +
                     std::string(kRemedy)};
  if (sums.x64.empty() && sums.arm64.empty())
    return Error{ErrorKind::Usage,
                 "the machine could not tell this version's cml-agent from another: this build holds "
                 "no checksums of it" +
                     std::string(kRemedy)};
  return MachineProgram{url, sums, true};
}

Status ask_for_program(HttpClient& http, MachineProgram const& program, std::string_view architecture,
                       std::function<void(std::string const&)> const& notify) {
  if (program.ours && program.sum_for(architecture).empty())
    return Error{ErrorKind::Unsupported, "this build knows no cml-agent for " + std::string(architecture) +
                                             "; name one with --cml-url=https://HOST/FILE#sha256=HEX"};
  std::string const url = program.url_for(architecture);
  HttpRequest head{.method = "HEAD", .url = url};
  head.timeout = kAskLimit;
  head.repeat = Repeat::Never;
  auto const answer = http.send(head);
  if (answer && answer->status >= 200 && answer->status < 300) return ok();
  // Some stores sign an address for GET alone.
  bool const no_head = answer && (answer->status == 403 || answer->status == 405 || answer->status == 501);
  Status const there =
      no_head ? is_there(http, url, program.sum_for(architecture))
      : answer
          ? Status(Error{ErrorKind::NotFound, "HEAD " + safe_url(url) + " answered " + std::to_string(answer->status)})
          : Status(Error(answer.error()));
  if (there) return ok();
  if (!answer && !program.ours) {
    notify("the program of the machine could not be asked for from here: " + there.error().message);
    return ok();
  }
  return Error{there.error().kind, "the machine could not fetch its program, so none is made: " +
                                       there.error().message + "; --cml-url names another place"};
}

Result<std::string> fetch_program(HttpClient& http, MachineProgram const& program, std::string_view architecture) {
  auto bytes = fetch(http, program.url_for(architecture), program.sum_for(architecture));
  if (bytes) return bytes;
  return std::move(bytes).error().while_doing("fetching cml-agent for the pod");
}

}  // namespace cml::runner
