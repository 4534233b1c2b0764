#include "cloud/ending.hpp"

#include "base/text.hpp"

namespace cml::cloud {
namespace {

// Curl reads the token from stdin: it is never a word of a command line. What is filled in are addresses without
// quotes.
constexpr char const* kEnding = R"sh(
mkdir -p "${CML_BOOT_ROOT:-}/usr/local/bin" "${CML_BOOT_ROOT:-}/etc/systemd/system"
cat > "${CML_BOOT_ROOT:-}/usr/local/bin/cml-end" <<'CML_END'
#!/bin/bash
systemctl list-jobs | grep -Eq '(poweroff|halt)\.target +start' || exit 0 # A restart.
for attempt in 1 2 3; do
  token=$(curl -s --max-time 10 -H '@TOKEN_HEADER@' '@TOKEN_URL@' | sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p')
  if [ -n "$token" ] && printf 'header = "Authorization: Bearer %s"\n' "$token" |
    curl -sf --max-time 20 -K - -X DELETE '@DELETE_URL@'; then exit 0; fi
  echo "attempt $attempt failed" >&2
  sleep 2
done
exit 1
CML_END
chmod 755 "${CML_BOOT_ROOT:-}/usr/local/bin/cml-end"
cat > "${CML_BOOT_ROOT:-}/etc/systemd/system/cml-end.service" <<'CML_END'
[Unit]
Description=Take this machine away when it powers off
After=network-online.target
Wants=network-online.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
ExecStop=/usr/local/bin/cml-end
TimeoutStopSec=110

[Install]
WantedBy=multi-user.target
CML_END
systemctl daemon-reload
systemctl enable cml-end.service
systemctl start --no-block cml-end.service
)sh";

}  // namespace

std::string with_ending(std::string const& script, Ending const& ending) {
  std::string const text = replace_all(
      replace_all(replace_all(kEnding, "@TOKEN_HEADER@", ending.token_header), "@TOKEN_URL@", ending.token_url),
      "@DELETE_URL@", ending.delete_url);
  auto const line = script.find('\n');
  return line == std::string::npos ? script : script.substr(0, line + 1) + text.substr(1) + script.substr(line + 1);
}

}  // namespace cml::cloud
