say "fetching cml"
arch=x64 sum=@SHA256_X64@
if [ "$(uname -m)" = aarch64 ]; then arch=arm64 sum=@SHA256_ARM64@; fi
url=@CML_URL@
url=${url//'{arch}'/$arch}
fetch "$root/usr/local/bin/cml" "$url" || power_off "cml could not be fetched from $url"
if [ -n "$sum" ] && ! echo "$sum  $root/usr/local/bin/cml" | sha256sum -c - > /dev/null; then power_off "cml from $url has another SHA-256"; fi
chmod 755 "$root/usr/local/bin/cml"
said=$("$root/usr/local/bin/cml" --version 2>&1) || power_off "cml from $url does not run here: $said"
