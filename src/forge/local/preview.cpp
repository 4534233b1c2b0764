#include "forge/local/preview.hpp"

#include "base/text.hpp"

namespace cml {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; IMAGES; style-src
'unsafe-inline'; SCRIPTS; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TITLE</title>
<style>
:root { color-scheme: light dark; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0;
  --page: #f6f8fa; --card: #fff; --code: #eff1f3; --link: #0969da; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f0f6fc; --faint: #9198a1; --line: #3d444d;
    --page: #010409; --card: #0d1117; --code: #212830; --link: #4493f8; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, "Liberation Sans", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem; }
h1.thread { font-size: 1.4rem; font-weight: 600; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  margin: 0 0 1.25rem; overflow: hidden; }
article > header { background: var(--page); border-bottom: 1px solid var(--line); color: var(--faint);
  font-size: .875rem; padding: .5rem 1rem; }
article > header b { color: var(--ink); }
article > .body, article > details { padding: 1rem; overflow-x: auto; overflow-wrap: break-word; }
article > details > summary { color: var(--faint); }
.body > :first-child { margin-top: 0; } .body > :last-child { margin-bottom: 0; }
.body h1, .body h2 { border-bottom: 1px solid var(--line); padding-bottom: .3em; }
.body img { max-width: 100%; }
.body a { color: var(--link); }
.body table { border-collapse: collapse; margin: 0 0 1rem; }
.body th, .body td { border: 1px solid var(--line); padding: .375rem .8rem; }
.body code { background: var(--code); border-radius: 6px; font: .85em "Liberation Mono",
monospace; padding: .2em .4em; }
.body pre { background: var(--code); border-radius: 6px; overflow: auto; padding: 1rem; }
.body pre code { background: none; padding: 0; }
.body blockquote { border-left: .25em solid var(--line); color: var(--faint); margin: 0 0 1rem; padding: 0 1em; }
.body hr { border: 0; border-top: .25em solid var(--line); }
</style>
</head>
<body>
<main>
)";

std::string escape(std::string_view text) {
  return replace_all(replace_all(replace_all(std::string(text), "&", "&amp;"), "<", "&lt;"), ">", "&gt;");
}

std::string without_watermarks(std::string_view html) {
  constexpr std::string_view kMark = "<img src=\"https://cml.dev/watermark.png";
  std::string result;
  while (true) {
    auto const at = html.find(kMark);
    auto const end = at == std::string_view::npos ? at : html.find('>', at);
    if (end == std::string_view::npos) return result.append(html);
    result += html.substr(0, at);
    html.remove_prefix(end + 1);
  }
}

}  // namespace

std::string preview_head(PreviewPolicy const& policy, std::string_view title) {
  std::string head = replace_all(std::string(kHead), "IMAGES", policy.images);
  head = replace_all(std::move(head), "SCRIPTS", policy.scripts);
  return replace_all(std::move(head), "TITLE", escape(title));
}

std::string preview_page(std::vector<StoredThread> const& threads, std::string const& folder_url,
                         std::function<std::string(std::string_view)> const& to_html) {
  // What comments say runs nothing and asks nobody: pictures are those of the folder.
  std::string page = preview_head({"img-src file: data:; media-src file: data:", "script-src 'none'"}, "cml preview");
  for (StoredThread const& thread : threads) {
    page += "<h1 class=\"thread\">" + escape(thread.title) + "</h1>\n";
    for (StoredComment const& comment : thread.comments) {
      std::string const id = std::to_string(comment.id);
      page += "<article id=\"comment-" + id + "\">\n<header><b>cml</b> commented <time>" + escape(comment.created_at) +
              "</time>";
      if (comment.updated_at != comment.created_at) page += ", edited <time>" + escape(comment.updated_at) + "</time>";
      page += "</header>\n";
      std::string body = to_html ? to_html(comment.body) : "<pre>" + escape(comment.body) + "</pre>";
      body = replace_all(std::move(body), "\"" + folder_url + "/", "\"");
      // Readers never see the mark by which the comment is found again; a broken picture would show here.
      body = without_watermarks(body);
      if (comment.hidden)
        page += "<details><summary>This comment was marked as outdated.</summary>\n<div class=\"body\">\n" + body +
                "</div>\n</details>\n";
      else
        page += "<div class=\"body\">\n" + body + "</div>\n";
      page += "</article>\n";
    }
  }
  if (threads.empty()) page += "<p>No comments yet.</p>\n";
  return page + "</main>\n</body>\n</html>\n";
}

}  // namespace cml
