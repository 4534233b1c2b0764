#include "app/git_login.hpp"

#include "base/text.hpp"
#include "base/url.hpp"

namespace cml {

Status give_git_login(Context& context, ForgeChoice const& choice, std::string const& remote, Git& git) {
  if (remote == kThisClone) return ok();
  auto url = parse_url(remote);
  if (!url) {
    auto const configured = git.remote_url(remote);
    if (!configured)
      return Error{ErrorKind::Usage, "there is no remote \"" + one_line(remote, 60) + "\"; check --remote"};
    url = parse_url(*configured);
  }
  if (!url || (url->scheme != "https" && url->scheme != "http")) return ok();  // SSH has keys of its own.
  if (url->scheme == "http" && url->user.empty() && is_public_host(url->authority())) {
    git.use_https(url->authority());
    url->scheme = "https";
  }
  bool const plain = url->scheme == "http" && !is_loopback(url->host) && !context.options.insecure_http;
  if (plain)
    return Error{ErrorKind::Usage, "the remote " + url->origin() +
                                       " is plain http, which would show the token; use https, or --insecure-http"};
  if (url->authority() != choice.repository.authority || choice.type->git_login == nullptr) {
    context.console.log(LogLevel::Debug,
                        "the remote is at " + url->authority() + ", not at the forge's host: no token is given to it");
    return ok();
  }
  git.set_login(url->origin() + url->path, choice.type->git_login(choice.token));
  return ok();
}

}  // namespace cml
