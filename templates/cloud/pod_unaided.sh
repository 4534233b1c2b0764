cat > "$HOME/cml-serve" <<'CML_SERVE'
@SERVE@
CML_SERVE
exec bash "$HOME/cml-serve"
