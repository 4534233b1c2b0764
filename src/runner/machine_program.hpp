// The program of our own on a machine that a launch makes (cml-agent), where the forge's agent alone does not do: where
// it is fetched, and how it is known to be this one.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "ports/http.hpp"

namespace cml::runner {

struct ProgramSums {
  std::string x64, arm64;  // SHA-256; empty: this build was not told.
};
// Of the cml-agent that was built with this program: CMake's CML_AGENT_SUMS, which tools/package sets.
ProgramSums built_in_sums();

struct MachineProgram {
  std::string url;  // "{arch}" becomes x64 or arm64; empty: the machine needs none.
  ProgramSums sums;
  bool ours = false;  // Of this version's release; else somebody named it.
  std::string url_for(std::string_view architecture) const;
  std::string const& sum_for(std::string_view architecture) const;
};
// `given` is --cml-url: https, or http with "#sha256=HEX". Without it the release's cml-agent, which Usage refuses
// where its address or its sums are unknown: no program but this version's own is ever fetched.
Result<MachineProgram> machine_program(std::string const& given, std::string_view home, std::string_view version,
                                       ProgramSums const& sums);
// Whether it is there, before a machine is made and billed: by HEAD, else fetched and compared. What somebody named may
// be reachable from the machine alone: then `notify` says that it was not asked.
Status ask_for_program(HttpClient&, MachineProgram const&, std::string_view architecture,
                       std::function<void(std::string const&)> const& notify);

// The program itself, compared with what is known of it: for those who hand it on to their machine.
Result<std::string> fetch_program(HttpClient&, MachineProgram const&, std::string_view architecture);

}  // namespace cml::runner
