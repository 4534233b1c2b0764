#include "forge/pages.hpp"

#include <functional>
#include <string_view>

#include "base/url.hpp"

namespace cml {
namespace {

Error never_whole(HttpRequest const& request, std::string const& what) {
  return {ErrorKind::BadInput, request.method + " " + safe_url(request.url) + ": the list " + what +
                                   ", and a part of it is not taken for the whole; check the server, or use another "
                                   "--target or \"cml comment create\", which reads no list"};
}

}  // namespace

Status Pages::ask(HttpRequest const& request) {
  if (!asked_.insert(request.url).second) return never_whole(request, "links to a page that was read before");
  return expect(request, 0);
}

Status Pages::expect(HttpRequest const& request, std::size_t count) const {
  if (count <= kMost && asked_.size() + count <= kMost) return ok();
  return never_whole(request, "has more than " + std::to_string(kMost) + " pages");
}

Status Pages::take(HttpRequest const& request, HttpResponse const& response) {
  constexpr std::size_t kNothing = 64;  // "[]" with what belongs around it.
  bytes_ += response.body.size();
  if (bytes_ > kMostBytes) return never_whole(request, "is larger than " + std::to_string(kMostBytes >> 20) + " MiB");
  if (response.body.size() > kNothing && !bodies_.insert(std::hash<std::string_view>{}(response.body)).second)
    return never_whole(request, "has the same page twice");
  return ok();
}

}  // namespace cml
