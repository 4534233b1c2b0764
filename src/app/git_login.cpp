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

namespace {

// The first of the forge's variables that holds the token: its name.
std::string variable_of_token(Context& context, ForgeChoice const& choice) {
  std::vector<std::string_view> names{"REPO_TOKEN", "repo_token", "CML_TOKEN"};
  names.insert(names.end(), choice.type->tokens.begin(), choice.type->tokens.end());
  for (std::string_view name : names)
    if (context.environment.get(name).value_or("") == choice.token.reveal() && !choice.token.empty())
      return std::string(name);
  return "";
}

}  // namespace

Status lend_login_to_clone(Context& context, ForgeChoice const& choice, std::string const& remote, Git const& git) {
  auto const configured = git.remote_url(remote);
  auto const url = configured ? parse_url(*configured) : std::nullopt;
  bool const ours = url && url->authority() == choice.repository.authority && choice.type->git_login != nullptr;
  bool const safe = ours && (url->scheme == "https" || (url->scheme == "http" && is_loopback(url->host)));
  std::string const variable = variable_of_token(context, choice);
  if (!safe || !url->user.empty() || variable.empty()) return ok();
  std::string const login = choice.type->git_login(choice.token).reveal();
  std::string const user = login.substr(0, login.find(':'));
  // Quoted for the shell that git starts: the user's name is one of ours, the variable's name letters.
  return git.set_config(
      "credential." + url->origin() + ".helper",
      "!f() { test \"$1\" = get && printf 'username=%s\\npassword=%s\\n' '" + user + "' \"$" + variable + "\"; }; f");
}

}  // namespace cml
