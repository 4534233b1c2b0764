#include "forge/create_once.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace cml {
namespace {

constexpr int kAttempts = 3;
// Between our clock's reading and the server's.
constexpr std::chrono::seconds kSlack{5};

// A comment with this very body that is no older than our first attempt, by the server's own clock.
Result<std::optional<Comment>> find_arrived(CreateOnce const& work, std::chrono::system_clock::time_point start) {
  auto const answer = work.http.send(work.probe);
  auto const server_now = answer ? parse_http_date(answer.value().header("date")) : std::nullopt;
  auto const elapsed = std::chrono::duration_cast<std::chrono::seconds>(work.clock.now() - start) + kSlack;
  auto const now = server_now.value_or(std::chrono::time_point_cast<std::chrono::seconds>(work.clock.now()));
  // The server may normalise line ends and cut blanks at the end, nothing else.
  auto const plain = [](std::string const& text) { return std::string(trim(replace_all(text, "\r\n", "\n"))); };
  CML_TRY(same, work.list([&, wanted = plain(work.body)](Comment const& comment) {
    auto const created = parse_iso_time(comment.created_at);
    return created && now - *created <= elapsed && plain(comment.body) == wanted;
  }));
  for (auto comment = same.rbegin(); comment != same.rend(); ++comment)
    if (comment->author != Comment::Author::Other) return std::optional(*comment);
  return std::optional<Comment>();
}

}  // namespace

Result<Comment> create_once(CreateOnce const& work) {
  auto const start = work.clock.now();
  for (int attempt = 1;; ++attempt) {
    auto const answer = work.http.send(work.post);
    if (!is_uncertain(answer) || attempt == kAttempts) {
      CML_TRY(created, read_json(work.post, answer, work.explain));
      return work.read(work.post, created);
    }
    if (work.notify) work.notify("the forge broke off while the comment was posted; looking whether it arrived");
    work.clock.sleep_for(std::chrono::seconds(2 * attempt));
    CML_TRY(arrived, find_arrived(work, start));
    if (arrived) return *arrived;
  }
}

Status start_once(HttpClient& http, HttpRequest post, Explain explain, std::function<Result<bool>()> const& has_begun) {
  post.repeat = Repeat::Unsafe;
  auto const answer = http.send(post);
  auto started = read_json(post, answer, explain);
  // An answer that cannot be read came from somewhere: that it was cut off is not told apart from a page of something
  // else.
  bool const unsure = is_uncertain(answer) || (answer && answer.value().status < 300);
  if (started || !unsure) return started ? ok() : Status(std::move(started).error());
  auto const begun = has_begun();
  return begun && *begun ? ok() : Status(std::move(started).error());
}

}  // namespace cml
