# psycopg 3 in a Python environment of its own: no server, but the witness of Tests/PostgreSQLTests/Witness.

witness_python=$cache/witness/bin/python

installed_witness() { "$witness_python" -c 'import psycopg' 2>/dev/null; }
install_witness() {
    installed_witness && return
    if ! { python3 -m venv "$cache/witness" && "$cache/witness/bin/pip" install -q 'psycopg[binary]>=3.2,<4'; } >&2; then
        say "psycopg cannot be installed; its tests are skipped"
        # Where everything has to run, its absence is a failure.
        [ -z "${CI:-}" ]
    fi
}
start_witness() { installed_witness || [ -z "${CI:-}" ]; }
stop_witness() { :; }
status_witness() { if installed_witness; then echo "witness: installed"; else echo "witness: missing"; fi; }
env_witness() {
    if installed_witness; then echo "export ROOST_TEST_WITNESS='$witness_python'"; fi
}
