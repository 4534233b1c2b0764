// Fetching an agent: checked, and put in place.
#pragma once

#include <string>

#include "runner/agents/agent.hpp"

namespace cml::runner {

// The machine's architecture in Go's words ("amd64", "arm64", "arm"), by uname.
Result<std::string> machine_architecture(Process&);
// Where the agent is fetched from: the maker's place, or the mirror that this variable names, without a "/" at its end.
// Usage: the mirror speaks plain http, so that anybody on the way could say what runs here.
Result<std::string> place_of_agent(Environment const&, std::string const& variable, std::string const& makers);
// A small text, such as a list of checksums.
Result<std::string> fetch_text(HttpClient&, std::string const& url);
// A file of any size, straight to the disk, and gone again when its SHA-256 is another one; an empty `sha256` is not
// compared.
Status fetch_file(Workplace const&, std::string const& url, std::filesystem::path const& path,
                  std::string const& sha256);
Status make_executable(Workplace const&, std::filesystem::path const&);
Status run_checked(Process&, ProcessRequest const&, std::string_view what);
// For the owner's eyes alone, from the first byte on.
Status write_secret(Workplace const&, std::filesystem::path const&, std::string_view text);
// True when `program` answers with exit code 0.
bool answers(Process&, std::vector<std::string> const& program);

}  // namespace cml::runner
