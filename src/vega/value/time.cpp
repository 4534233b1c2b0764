#include "vega/value/time.hpp"

#include <cmath>
#include <cstdio>
#include <date/date.h>

namespace cml::vega {

std::string iso_string(double milliseconds_utc) {
  if (!std::isfinite(milliseconds_utc) || std::fabs(milliseconds_utc) > 8.64e15) return "Invalid Date";
  auto const days = std::floor(milliseconds_utc / 86400000.0);
  auto const rest = static_cast<long long>(milliseconds_utc - days * 86400000.0);
  // date::year holds +-32767; JavaScript's range is wider, which no chart needs.
  auto const clamped = std::fmax(-1.2e7, std::fmin(1.2e7, days));
  date::year_month_day const ymd{date::sys_days{date::days{static_cast<int>(clamped)}}};
  char buffer[64];
  int const year = static_cast<int>(ymd.year());
  std::snprintf(buffer, sizeof buffer,
                year < 0 || year > 9999 ? "%+07d-%02u-%02uT%02lld:%02lld:%02lld.%03lldZ"
                                        : "%04d-%02u-%02uT%02lld:%02lld:%02lld.%03lldZ",
                year, static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()), rest / 3600000,
                rest / 60000 % 60, rest / 1000 % 60, rest % 1000);
  return buffer;
}

}  // namespace cml::vega
