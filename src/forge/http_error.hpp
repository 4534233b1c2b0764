// A forge's refusal as an Error: method, address without secrets, status, the server's own words, and what to check.
#pragma once

#include <string>
#include <string_view>

#include "ports/http.hpp"

namespace cml {

struct Refusal {
  std::string message;     // The server's own words, taken from its JSON; cleaned by refused().
  std::string hint;        // What to check; empty: a general one for the status.
  bool too_large = false;  // The server says that the content is too long.
};
Error refused(HttpRequest const&, HttpResponse const&, Refusal const&);
// What to check when a forge's words name another reason than the token's permissions; empty when they do not.
std::string_view hint_of_reason(std::string const& message);
// What the server says in answer to this request, fit for a message: one clean line without our own credential.
std::string said(HttpRequest const&, std::string_view text, std::size_t bytes = 300);
// True when the answer leaves open whether a write took effect.
bool is_uncertain(Result<HttpResponse> const&);

}  // namespace cml
