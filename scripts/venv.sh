#!/bin/sh
# Make or complete a Python environment: scripts/venv.sh FOLDER REQUIREMENTS STAMP
# STAMP is touched only when everything is installed. PYTHON names the interpreter; empty, the newest suitable one is taken.
set -eu

folder=$1
requirements=$2
stamp=$3
unfinished=$folder/.unfinished

has_uv() { command -v uv >/dev/null 2>&1; }

# Run the interpreter rather than believe its name: a pyenv shim may exist and fail.
suits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

can_make_environments() { has_uv || "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

fail() {
    echo "$1" >&2
    exit 2
}

find_python() {
    without_venv=
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        suits "$candidate" || continue
        if can_make_environments "$candidate"; then
            echo "$candidate"
            return
        fi
        without_venv=${without_venv:-$candidate}
    done
    if [ -n "$without_venv" ]; then
        fail "$without_venv cannot make environments because ensurepip is missing; on Debian or Ubuntu install it with: sudo apt install python3-venv"
    fi
    if [ -n "${PYTHON:-}" ]; then
        fail "PYTHON=$PYTHON does not run or is older than Python 3.11; name another one."
    fi
    has_uv || fail "No Python 3.11 or newer was found; get one from https://www.python.org/downloads/ or your package manager, or name it: make PYTHON=/path/to/python3 …"
    echo ">=3.11" # uv fetches one
}

# An environment that another program made is used as it is; one whose making was interrupted is not.
usable() {
    [ ! -e "$unfinished" ] && suits "$folder/bin/python" && { has_uv || "$folder/bin/python" -m pip --version >/dev/null 2>&1; }
}

create() {
    python=$(find_python)
    rm -rf "$folder"
    mkdir -p "$folder"
    : >"$unfinished"
    trap 'rm -rf "$folder"' EXIT
    trap 'exit 130' INT TERM HUP
    echo "Making $folder with $python"
    if has_uv; then
        uv venv --quiet --allow-existing --python "$python" "$folder"
    else
        "$python" -m venv "$folder"
    fi
}

install() {
    echo "Installing $requirements"
    if has_uv; then
        uv pip install --quiet --python "$folder/bin/python" -r "$requirements"
    else
        "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
    fi
}

usable || create
install
rm -f "$unfinished"
trap - EXIT
touch "$stamp"
