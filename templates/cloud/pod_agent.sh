cml=$(command -v cml-native || true)
if [ -z "$cml" ]; then
  # Handed over in parts, packed, by config maps that are made after the Job; they show here one by one.
  parts=${CML_PROGRAM_PARTS:-0}
  folder=${CML_PROGRAM_FOLDER:-/var/run/cml-agent}
  for ((n = 0; n < 60; n++)); do
    there=$(find -L "$folder" -name 'part-*' -type f 2> /dev/null | wc -l)
    [ "$there" -ge "$parts" ] && break
    sleep 5
  done
  if [ "$parts" -eq 0 ] || [ "$there" -lt "$parts" ]; then give_up "cml-agent did not come: was the launcher stopped?"; fi
  cml=$HOME/cml-agent
  for ((n = 0; n < parts; n++)); do cat "$folder/part-$n"; done | gzip -dc > "$cml" || give_up "cml-agent cannot be unpacked"
  chmod 755 "$cml"
fi
said=$("$cml" --version 2>&1) || give_up "cml-agent does not run on this node ($(uname -m)): $said"
exec "$cml" @ARGUMENTS@
