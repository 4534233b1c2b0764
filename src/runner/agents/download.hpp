// Fetching an agent: checked, and put in place.
#pragma once

#include <string>

#include "runner/agents/agent.hpp"

namespace cml::runner {

// The machine's architecture in Go's words ("amd64", "arm64", "arm"), by uname.
Result<std::string> machine_architecture(Process&);
// The bytes, after their SHA-256 was compared; an empty `sha256` is not compared.
Result<std::string> fetch_checked(HttpClient&, HttpRequest request, std::string const& sha256);
// Writes an executable file.
Status put_program(Workplace const&, std::filesystem::path const& path, std::string_view bytes);
Status run_checked(Process&, ProcessRequest const&, std::string_view what);
// True when `program` answers with exit code 0.
bool answers(Process&, std::vector<std::string> const& program);

}  // namespace cml::runner
