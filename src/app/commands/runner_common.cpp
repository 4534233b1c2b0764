#include "app/commands/runner_common.hpp"

#include "app/session.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "runner/duration.hpp"

namespace cml {
namespace {

// Jenkins is no forge: --repo is its address and the token USER:API_TOKEN.
Result<RunnerSession> open_jenkins(Context& context, bool registered) {
  std::string const address =
      context.options.repo.empty() ? context.environment.get("JENKINS_URL").value_or("") : context.options.repo;
  auto const url = parse_url(address);
  if (!url) return Error{ErrorKind::Usage, "no Jenkins found: give --repo https://JENKINS, or set JENKINS_URL"};
  if (url->scheme != "https" && !is_loopback(url->host) && !context.options.insecure_http)
    return Error{ErrorKind::Usage, "Jenkins at " + safe_url(address) + " is plain http; use https, or --insecure-http"};
  Secret token = context.options.token;
  for (char const* name : {"REPO_TOKEN", "repo_token", runner::kJenkinsToken})
    if (token.empty()) token = Secret(context.environment.get(name).value_or(""));
  if (token.empty() && !registered)
    return Error{ErrorKind::Unauthorized,
                 "token not found: set REPO_TOKEN or JENKINS_TOKEN to USER:API_TOKEN, or give --token"};
  Repository repository;
  repository.scheme = url->scheme;
  repository.authority = url->authority();
  repository.path = std::string(trim(url->path));
  RunnerSession session;
  session.has_token = !token.empty();
  CML_TRY(forge,
          runner::make_agent("jenkins", {repository, context.options.api_url, token, &context.http, &context.clock}));
  session.forge = std::move(forge);
  return session;
}

}  // namespace

Result<RunnerSession> open_runner_session(Context& context, bool registered) {
  if (context.options.driver == "jenkins") return open_jenkins(context, registered);
  RunnerSession session;
  // A machine with a registration needs no token; choose_forge insists on one, so a name that is none stands in for it.
  bool const tokenless = registered && context.options.token.empty();
  if (tokenless) context.options.token = Secret("registered-machine");
  CML_TRY(opened, open_session(context, Belongs::ToOwnerToo));
  if (tokenless) opened.choice.token = Secret();
  session.has_token = !opened.choice.token.empty();
  if (opened.choice.type->name == "local")
    return Error{ErrorKind::Usage, "a runner needs a forge: give --repo and --token (or set REPO_TOKEN)"};
  CML_TRY(forge, runner::make_agent(opened.choice.type->name, {opened.choice.repository, opened.choice.api_url,
                                                               opened.choice.token, &context.http, &context.clock}));
  session.forge = std::move(forge);
  session.api_url = opened.choice.api_url;
  return session;
}

cloud::CloudSetup cloud_setup(Context& context) {
  return {&context.http,
          &context.clock,
          &context.files,
          &context.process,
          &context.environment,
          [&console = context.console](std::string const& line) { console.log(LogLevel::Info, line); },
          &context.signer};
}

Flag& duration_flag(Flags& flags, std::string_view names, std::optional<std::chrono::seconds>* target,
                    std::string help) {
  Flag& flag = flags.text(names, nullptr, std::move(help));
  flag.apply = [target](std::string const& value) -> Status {
    CML_TRY(span, runner::parse_duration(value));
    return *target = span, ok();
  };
  return flag;
}

Flag& comma_list(Flags& flags, std::string_view names, std::vector<std::string>* target, std::string help) {
  Flag& flag = flags.text(names, nullptr, std::move(help));
  flag.apply = [target](std::string const& value) {
    target->clear();
    for (std::string const& part : split(value, ','))
      if (!trim(part).empty()) target->emplace_back(trim(part));
    return ok();
  };
  return flag;
}

}  // namespace cml
