#!/bin/sh
# What the pipe runs, in the clone: posts the report that an earlier step of the pipeline has written.
#
#   - pipe: docker://OWNER/cml-pipe:latest
#     variables:
#       REPO_TOKEN: $REPO_TOKEN   # a repository access token: pullrequest:write, repository:write
#       REPORT: report.md         # below the clone
#       MODE: update              # new, update, recreate, append, prepend
#       TARGET: auto              # auto, pr, pr/7, commit, commit/SHA
#       TITLE: ""                 # tells several reports of one pull request apart
set -eu
cd "${BITBUCKET_CLONE_DIR:?the pipe runs in Bitbucket Pipelines}"
if [ -z "${REPO_TOKEN:-}" ]; then
  echo "the pipe's variable REPO_TOKEN is empty: give a repository access token as a secured variable" >&2
  exit 1
fi
export REPO_TOKEN
exec cml comment create --mode "${MODE:-update}" --target "${TARGET:-auto}" --watermark-title "${TITLE:-}" \
  "${REPORT:-report.md}"
