// JSON to and from a forge's API: what the forges' own Api classes have in common.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "forge/forge.hpp"
#include "forge/http_error.hpp"
#include "ports/http.hpp"

namespace cml {

// What a forge's refusal says; each forge words its errors in its own way.
using Explain = Refusal (*)(HttpRequest const&, HttpResponse const&);

// `request` with this body. Bytes that are no UTF-8 become U+FFFD, as the forge would store them.
HttpRequest with_json(HttpRequest request, nlohmann::json const& body, Repeat repeat);

// The repository's own answer: {"permissions": {"push": true}}, and the scopes that the header x-oauth-scopes lists.
Result<Access> access_of(HttpClient&, HttpRequest const& repository, Explain);

// What a server answered. "Discarded" when it is not JSON, or nested so deeply that reading it could take the stack.
nlohmann::json parse_answer(std::string_view text);

// The JSON of a 2xx answer (null for an empty one), or the refusal as an Error.
Result<nlohmann::json> read_json(HttpRequest const&, Result<HttpResponse> const&, Explain);

// The text or whole number below these keys; empty when it is not there or of another kind. Answers are not trusted to
// have a shape.
std::string text_at(nlohmann::json const&, std::initializer_list<char const*> keys);
std::optional<long long> integer_at(nlohmann::json const&, std::initializer_list<char const*> keys);
bool true_at(nlohmann::json const&, std::initializer_list<char const*> keys);
// The name of a commit: letters and digits only.
std::string sha_at(nlohmann::json const&, std::initializer_list<char const*> keys);
// A point in time as ISO 8601 writes it; empty for anything else.
std::string time_at(nlohmann::json const&, std::initializer_list<char const*> keys);
// An address that `answer` tells, for people or for comments: empty when there is none, an Error naming the field when
// it is not a web address, or holds our own credential.
Result<std::string> url_at(HttpRequest const& asked, nlohmann::json const& answer,
                           std::initializer_list<char const*> keys);
// The same where there has to be one.
Result<std::string> needed_url_at(HttpRequest const& asked, nlohmann::json const& answer,
                                  std::initializer_list<char const*> keys);
// The error for an answer that lacks something, or has something else in its place.
Error lacks(HttpRequest const& asked, std::string_view what);
// The number as text, for identifiers: "12"; empty when there is none.
std::string id_at(nlohmann::json const&, std::initializer_list<char const*> keys);

// Takes the elements of a list one by one, so that a long one is never held whole. An Error ends it.
using EachElement = std::function<Status(nlohmann::json const&)>;
Result<std::vector<nlohmann::json>> collected(std::function<Status(EachElement const&)> const& list);

// A request that goes out together with the one for a list's first page, so that it costs no time of its own.
struct Beside {
  HttpRequest request;
  Result<HttpResponse> answer = Error{ErrorKind::Bug, "not sent"};
};
// Sends `first`, and once what stands beside it; null afterwards.
Result<HttpResponse> send_first(HttpClient&, HttpRequest const& first, Beside*& beside);

// Sends one after the other; the first refusal ends it.
Status call_in_turn(HttpClient&, std::vector<HttpRequest> const&, Explain);

// Sends one upload per file, eight at a time; the answers in the order of the files. A refusal names its file.
Result<std::vector<nlohmann::json>> send_uploads(HttpClient&, std::vector<HttpRequest> const&,
                                                 std::vector<AssetFile> const&, Explain);

}  // namespace cml
