cat > "$root/usr/local/bin/cml-serve" <<'CML_SERVE'
@SERVE@
CML_SERVE
chmod 755 "$root/usr/local/bin/cml-serve"
say "fetching the agent"
said=$(HOME=$root/root "$root/usr/local/bin/cml-serve" fetch 2>&1) || power_off "${said#cml: }"
