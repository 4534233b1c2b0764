#include "forge/link_pages.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "base/url.hpp"
#include "forge/pages.hpp"

namespace cml {
namespace {

using nlohmann::json;
constexpr int kParallel = 8;
constexpr std::size_t kAtOnce = 16;  // Pages that are asked for before the first of them is read.

// The URL of `relation` in a Link header (RFC 8288).
std::string link_of(HttpResponse const& response, std::string_view relation) {
  for (std::string const& part : split(response.header("link"), ',')) {
    auto const open = part.find('<'), close = part.find('>');
    if (open == std::string::npos || close == std::string::npos) continue;
    if (contains(part.substr(close), "rel=\"" + std::string(relation) + "\""))
      return part.substr(open + 1, close - open - 1);
  }
  return "";
}

// The page numbers of `next` and `last` when the two differ in nothing else.
struct PageRange {
  long long next = 0, last = 0;
  std::string before, after;  // Around the number.
};
std::optional<PageRange> page_range(std::string const& next, std::string const& last) {
  auto const at = next.find("page=", next.find_first_of('?') == std::string::npos ? next.size() : next.find('?'));
  std::size_t start = std::string::npos;
  for (auto i = at; i != std::string::npos; i = next.find("page=", i + 1))
    if (next[i - 1] == '?' || next[i - 1] == '&') start = i + 5;
  if (start == std::string::npos) return std::nullopt;
  auto const digits_end = [](std::string const& text, std::size_t from) {
    auto const end = text.find_first_not_of("0123456789", from);
    return end == std::string::npos ? text.size() : end;
  };
  std::size_t const end = digits_end(next, start);
  PageRange range;
  range.before = next.substr(0, start);
  range.after = next.substr(end);
  if (last.substr(0, start) != range.before) return std::nullopt;
  std::size_t const last_end = digits_end(last, start);
  if (last.substr(last_end) != range.after) return std::nullopt;
  auto const first_number = parse_integer(next.substr(start, end - start));
  auto const last_number = parse_integer(last.substr(start, last_end - start));
  if (!first_number || !last_number || *first_number < 1 || *last_number < *first_number) return std::nullopt;
  range.next = *first_number;
  range.last = *last_number;
  return range;
}

HttpRequest at(HttpRequest const& first, std::string url) {
  HttpRequest request = first;
  request.url = std::move(url);
  return request;
}

}  // namespace

Status each_linked(HttpClient& http, HttpRequest const& first, Explain explain, Beside* beside,
                   EachElement const& each) {
  Pages pages;
  auto const take = [&](HttpRequest const& sent, Result<HttpResponse> const& answer) -> Status {
    if (answer) CML_CHECK_OK(pages.take(sent, answer.value()));
    CML_TRY(page, read_json(sent, answer, explain));
    if (!page.is_array()) return lacks(sent, "no list");
    for (json const& element : page) CML_CHECK_OK(each(element));
    return ok();
  };
  auto const origin_of = [](std::string const& text) { return parse_url(text) ? parse_url(text)->origin() : ""; };
  std::string const origin = origin_of(first.url);
  HttpRequest request = first;
  while (true) {
    CML_CHECK_OK(pages.ask(request));
    auto const answer = send_first(http, request, beside);
    CML_CHECK_OK(take(request, answer));
    std::string next = link_of(answer.value(), "next");
    if (next.empty()) return ok();
    if (auto const range = page_range(next, link_of(answer.value(), "last")); range && origin_of(next) == origin) {
      CML_CHECK_OK(pages.expect(request, static_cast<std::size_t>(range->last - range->next) + 1));
      for (long long number = range->next; number <= range->last;) {
        std::vector<HttpRequest> group;
        for (; number <= range->last && group.size() < kAtOnce; ++number) {
          group.push_back(at(first, range->before + std::to_string(number) + range->after));
          CML_CHECK_OK(pages.ask(group.back()));
        }
        auto const group_answers = http.send_all(group, kParallel);
        for (std::size_t i = 0; i < group.size(); ++i) CML_CHECK_OK(take(group[i], group_answers[i]));
        next = link_of(group_answers.back().value(), "next");  // After the last: pages that appeared meanwhile.
      }
      if (next.empty()) return ok();
    }
    if (origin_of(next) != origin)
      return Error{ErrorKind::Network, "GET " + safe_url(request.url) + ": the next page is on another host, " +
                                           said(request, safe_url(next))};
    request = at(first, next);
  }
}

}  // namespace cml
