#!/bin/sh
# What a container of cml's image runs: the command that was given; without one a self-hosted runner, where the
# variables of `docker run -e RUNNER_REPO=... -e repo_token=... -e RUNNER_LABELS=...` ask for it; else cml's help.
set -eu
if [ $# -gt 0 ]; then
  exec "$@"
fi
if [ -n "${RUNNER_REPO:-}" ]; then
  exec cml-runner
fi
exec cml --help
