# psycopg 3, PyMySQL, asyncmy and SQLAlchemy in a Python environment of their own: no servers, but the witnesses of the tests.

witness_python=$cache/witness/bin/python

installed_witness() { "$witness_python" -c 'import psycopg, pymysql, asyncmy, sqlalchemy' 2>/dev/null; }
install_witness() {
    installed_witness && return
    if ! { python3 -m venv "$cache/witness" &&
        "$cache/witness/bin/pip" install -q 'psycopg[binary]>=3.2,<4' 'PyMySQL>=1.1,<3' 'asyncmy>=0.2.9,<1' \
            'sqlalchemy>=2,<3'; } >&2; then
        say "the witnesses cannot be installed; their tests are skipped"
        # Where everything has to run, their absence is a failure.
        [ -z "${CI:-}" ]
    fi
}
start_witness() { installed_witness || [ -z "${CI:-}" ]; }
stop_witness() { :; }
status_witness() { if installed_witness; then echo "witness: installed"; else echo "witness: missing"; fi; }
env_witness() {
    if installed_witness; then echo "export ROOST_TEST_WITNESS='$witness_python'"; fi
}
