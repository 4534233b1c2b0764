#!/bin/bash
# Made by cml: serves as one runner by the forge's own agent, without cml, and ends after the idle time, after one job
# where that was asked for, on the cloud's notice, on SIGTERM or with the agent. Who starts it then ends the machine.
# "fetch" as the first word only fetches the agent.
set -u
exec 1>&2 # As cml, which says all of this there.
root=${CML_BOOT_ROOT:-}
folder=${HOME:-/root}/.cml/@NAME@
registration=@REGISTRATION_PATH@
# shellcheck disable=SC2034 # Read by what is filled in below, as is arch.
in_pod=@IN_POD@
single=@SINGLE@
ends_itself=@ENDS_ITSELF@ # After one job.
idle_timeout=@IDLE_TIMEOUT@
job_limit=@JOB_LIMIT@
cloud=@CLOUD@
start_limit=${CML_START_LIMIT:-1200} # Seconds for the agent to say that it listens. Tests are shorter here and below.
believe_gone=${CML_BELIEVE_GONE:-60} # The forge may stumble once.
grace=${CML_STOP_GRACE:-30}          # From asking the agent to end to killing it.
before_end=45 # Seconds of a notice that are ours: until then a job works on.
ready=@READY@
started=@STARTED@
ended=@ENDED@
gone=@GONE@
say() { echo "cml: $*"; if [ -w "$root/dev/console" ]; then echo "cml: $*" > "$root/dev/console"; fi; }
fail() { say "$*"; exit 1; }
clock() { printf -v now '%(%s)T' -1; }

# --- The agent: what the image holds, else what is fetched. ---
home=$folder
program=$folder/agent
archive=@ARCHIVE@
installed=@INSTALLED@
fetched=no
if [ -n "$installed" ] && found=$(command -v "$installed"); then
  fetched=yes
  if [ "$archive" = yes ]; then home=$(dirname "$found"); else program=$found; fi
fi
# shellcheck disable=SC2034
if [ "$(uname -m)" = aarch64 ]; then arch=arm64; else arch=x64; fi
url='' sum='' sums=@SUMS@
@FILES@
get() { curl -fsSL --retry 5 --retry-connrefused --connect-timeout 20 "$@"; }
fetch_agent() {
  [ "$fetched" = no ] && [ -n "$url$sums" ] && [ ! -e "$program" ] || return 0
  [ -n "$url" ] || fail "there is no agent for this machine's architecture, $(uname -m)"
  mkdir -p "$folder"
  if [ -z "$sum" ] && [ -n "$sums" ]; then
    sum=$(get --max-time 60 "$sums" |
      awk -v file="${url##*/}" '{ n = split($2, part, "[*/]"); if (part[n] == file) print $1 }')
    [ -n "$sum" ] || fail "$sums does not name ${url##*/}"
  fi
  get --max-time 900 -o "$program.part" "$url" || fail "the agent could not be fetched from $url"
  [ -z "$sum" ] || echo "$sum  $program.part" | sha256sum -c - > /dev/null ||
    fail "the agent from $url has another SHA-256 than announced"
  chmod 755 "$program.part"
  mv "$program.part" "$program"
}
fetch_agent
[ "${1:-}" != fetch ] || exit 0
mkdir -p "$folder"
if [ "$archive" = yes ] && [ "$fetched" = no ] && [ -e "$program" ]; then
  tar -xzf "$program" -C "$home" || fail "the agent could not be unpacked"
  rm -f "$program"
fi
free=$(df -Pk "$folder" | awk 'NR == 2 { print int($4 / 1024) }')
[ "${free:-1024}" -ge 1024 ] || fail "the disk is full: $free MB are left; give --cloud-hdd-size"

# shellcheck disable=SC1090 # Made by the launcher.
. "$registration" || fail "the registration cannot be read"
agent=()
@SET_UP@

# --- What the cloud says: `taken` is when, in seconds since 1970, empty where no time is told. ---
ask_metadata() { curl -sf --noproxy '*' --connect-timeout 2 --max-time 2 "$@"; }
imds_token=
notice() {
  local base answer event
  case $cloud in
    aws)
      base=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
      base=$base/latest
      [ -n "$imds_token" ] ||
        imds_token=$(ask_metadata -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600' "$base/api/token") || return 1
      answer=$(ask_metadata -w '%{http_code}' -H "X-aws-ec2-metadata-token: $imds_token" \
        "$base/meta-data/spot/instance-action") || {
        [ "$answer" != 401 ] || imds_token='' # It has aged.
        return 1
      }
      notice_name="spot interruption"
      taken=$(sed -n 's/.*"time" *: *"\([^"]*\)".*/\1/p' <<< "$answer")
      ;;
    gcp)
      base=http://${GCE_METADATA_HOST:-169.254.169.254}
      answer=$(ask_metadata -H 'Metadata-Flavor: Google' "$base/computeMetadata/v1/instance/preempted")
      [ "$answer" = TRUE ] || return 1
      notice_name=preemption taken=
      ;;
    azure)
      base=${CML_AZURE_METADATA_ENDPOINT:-http://169.254.169.254}
      event=$(ask_metadata -H 'Metadata: true' "$base/metadata/scheduledevents?api-version=2020-07-01" | tr -d '\n' |
        grep -o '{[^{}]*}' | grep -E -m 1 '"EventType" *: *"(Preempt|Terminate)"') || return 1
      notice_name=$(sed -n 's/.*"EventType" *: *"\([^"]*\)".*/\1/p' <<< "$event")
      notice_name=${notice_name,,}
      taken=$(sed -n 's/.*"NotBefore" *: *"\([^"]*\)".*/\1/p' <<< "$event")
      ;;
    *) return 1 ;;
  esac
  taken=$(date -d "${taken:-nothing}" +%s 2> /dev/null) || taken=
  return 0
}

# --- One life. ---
repo=@REPO@
status() { # STATUS: the line that others read, as cml writes it.
  printf '{"date":"%s","level":"info","message":"runner status","repo":%s,"status":"%s"}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%S.%3NZ)" "$repo" "$1"
}
state=starting listened=no jobs=0 reason='' failed=no last=() gone_at=0 cut_at=0 killed=no next_notice=0 next_ping=0 ticked=0
clock
born=$now idle_since=$now
finish() { # REASON: the agent is told to end; the loop sees it end, and kills it when it does not.
  [ "$state" != ending ] || return 0
  state=ending reason=$1 kill_at=$((now + grace))
  [ -z "${taken:-}" ] || [ "$kill_at" -lt "$(((now + taken) / 2))" ] || kill_at=$(((now + taken) / 2))
  [ -z "$agent_pid" ] || kill -INT -- "-$agent_pid" 2> /dev/null
}
end_rest() {
  :
  @REST@
}
heard() {
  local line=$1
  echo "$line"
  last+=("${line:0:300}")
  [ ${#last[@]} -le 8 ] || last=("${last[@]:1}")
  case $line in
    *"$started"*)
      gone_at=0 jobs=$((jobs + 1)) busy_since=$now
      status job_started
      if [ "$state" != ending ]; then
        state=busy
      else # It was assigned in the second in which we left.
        say "this job is cut off, as the machine ends ($reason); cml runner gc runs it again"
      fi
      ;;
    *"$ended"*)
      gone_at=0
      status job_ended
      [ "$state" = busy ] || return 0
      state=idle idle_since=$now
      if [ "$cut_at" -gt 0 ]; then
        finish "$notice_name"
      elif [ "$single" = yes ] && [ "$ends_itself" = no ]; then
        finish "single job"
      fi
      ;;
    *"$ready"*)
      gone_at=0
      [ "$listened" = no ] || return 0 # Printed again after a lost connection.
      listened=yes
      status ready
      rm -f "$registration" 2> /dev/null # The agent has read it, and no job shall.
      [ "$state" != starting ] || state=idle idle_since=$now
      ;;
    *)
      if [ -n "$gone" ] && [[ $line == *"$gone"* ]]; then
        [ "$gone_at" -gt 0 ] || gone_at=$now
        [ $((now - gone_at)) -ge "$believe_gone" ] || return 0
        failed=yes
        finish "the registration was removed on the forge"
      fi
      ;;
  esac
}
tick() {
  [ "$now" -gt "$ticked" ] || return 0
  ticked=$now
  if [ -n "${NOTIFY_SOCKET:-}" ] && [ "$now" -ge "$next_ping" ]; then
    systemd-notify WATCHDOG=1
    next_ping=$((now + 60))
  fi
  case $state in
    ending)
      if [ "$killed" = no ] && [ "$now" -ge "$kill_at" ]; then
        killed=yes
        kill -KILL -- "-$agent_pid" 2> /dev/null
        end_rest
      fi
      return 0
      ;;
    starting)
      if [ $((now - born)) -ge "$start_limit" ]; then
        failed=yes
        finish "the agent was not ready after $start_limit s"
      fi
      ;;
    idle)
      if [ "$single" = yes ] && [ "$jobs" -gt 0 ]; then
        [ $((now - idle_since)) -lt "$grace" ] || finish "single job"
      elif [ -n "$idle_timeout" ] && [ $((now - idle_since)) -ge "$idle_timeout" ]; then
        finish "timeout:$idle_timeout"
      fi
      ;;
    busy)
      if [ "$cut_at" -gt 0 ] && [ "$now" -ge "$cut_at" ]; then finish "$notice_name"; fi
      if [ "$job_limit" -gt 0 ] && [ $((now - busy_since)) -ge "$job_limit" ]; then finish "job-limit:$job_limit"; fi
      ;;
  esac
  [ "$now" -ge "$next_notice" ] && [ "$cut_at" -eq 0 ] || return 0
  next_notice=$((now + 5))
  notice || return 0
  if [ "$state" = busy ] && [ -n "$taken" ] && [ $((taken - now)) -gt "$before_end" ]; then
    cut_at=$((taken - before_end))
    say "$notice_name in $((taken - now)) s: the job works on until $before_end s before"
  else finish "$notice_name"; fi
}
agent_pid=
trap 'finish SIGTERM' TERM INT HUP
exec 3< <(exec setsid "${agent[@]}" 2>&1)
agent_pid=$!
part=
while :; do
  if IFS= read -r -t 1 -u 3 more; then
    clock
    line=$part$more part=''
    heard "$line"
  elif [ $? -gt 128 ]; then
    part+=$more
    kill -0 "$agent_pid" 2> /dev/null || break
  else # It has closed its output.
    part+=$more
    kill -0 "$agent_pid" 2> /dev/null || break
    sleep 1
  fi
  clock
  tick
done
[ -z "$part" ] || heard "$part"
wait "$agent_pid"
code=$?
end_rest
kill -KILL -- "-$agent_pid" 2> /dev/null # What it has left behind.
if [ "$state" != ending ]; then
  reason="runner closed with exit code $code"
  if [ "$code" -eq 0 ] && [ "$single" = yes ] && [ "$jobs" -gt 0 ]; then reason="single job"; fi
  [ "$code" -eq 0 ] || failed=yes
fi
rm -f "$registration" 2> /dev/null
@LEAVE@
if [ "$failed" = yes ]; then
  words=$(printf '%s | ' "${last[@]}")
  fail "$reason; the agent's last words: ${words% | }"
fi
echo "{\"level\":\"info\",\"message\":\"runner status\",\"reason\":\"$reason\",\"status\":\"terminated\"}"
exit 0
