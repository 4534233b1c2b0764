// The local forge's page.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cml {

struct StoredComment {
  long long id = 0;
  std::string body, created_at, updated_at;
  std::string title;  // Of its thread.
  bool hidden = false;
  std::string author = {};  // Empty: cml itself.
};
struct StoredThread {
  std::string name, title;
  std::vector<StoredComment> comments;
};

// What a page may load and run, as directives of a Content-Security-Policy; nothing else is allowed.
struct PreviewPolicy {
  std::string images;   // "img-src ..." and whatever else it loads.
  std::string scripts;  // "script-src ...".
};
// A page's beginning: head with the policy and the style of light and dark, up to and with <main>.
std::string preview_head(PreviewPolicy const&, std::string_view title);

// `folder_url` is where the page will lie: addresses below it are written relative, so that the folder can be moved.
std::string preview_page(std::vector<StoredThread> const&, std::string const& folder_url,
                         std::function<std::string(std::string_view)> const& to_html);

}  // namespace cml
