#include "runner/status_line.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>

#include "base/time_text.hpp"

namespace cml::runner {
namespace {

using nlohmann::json;

// "2026-11-22T14:56:40.123Z", as JavaScript's toISOString.
std::string iso_milliseconds(Time now) {
  auto const whole = std::chrono::floor<seconds>(now);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03d",
                static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(now - whole).count()));
  std::string text = iso_time(whole);
  return text.insert(text.size() - 1, fraction);
}

std::string line(json const& fields) { return fields.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

std::string status_line(Announce const& announce, std::string_view repo, Time now) {
  json fields{{"level", "info"},
              {"message", "runner status"},
              {"date", iso_milliseconds(now)},
              {"repo", repo},
              {"status", announce.status}};
  if (!announce.job.id.empty()) fields["job"] = announce.job.id;
  if (!announce.job.pipeline.empty()) fields["pipeline"] = announce.job.pipeline;
  if (announce.success) fields["success"] = *announce.success;
  return line(fields);
}

std::string terminated_line(std::string_view reason) {
  return line({{"level", "info"}, {"message", "runner status"}, {"reason", reason}, {"status", "terminated"}});
}

std::string message_line(std::string_view message) { return line({{"level", "info"}, {"message", message}}); }

}  // namespace cml::runner
