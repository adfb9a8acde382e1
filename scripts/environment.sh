#!/bin/sh
# Makes a virtual environment with gamedyn in it, or says what is missing:
#     sh scripts/environment.sh PYTHON FOLDER EXTRAS
# The folder's file `.installed` is written last; the Makefile compares it with pyproject.toml.
set -eu

python=$1
folder=$2
extras=$3

fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 || fail \
    "$python is not on the PATH: gamedyn needs Python 3.11 or newer." \
    "On Debian or Ubuntu: apt-get install python3 python3-venv. Elsewhere: https://www.python.org/downloads/"

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    printf '%s\n' "gamedyn needs Python 3.11 or newer, and $python is $("$python" --version 2>&1)." >&2
    for newer in python3.14 python3.13 python3.12 python3.11; do
        if command -v "$newer" >/dev/null 2>&1 && "$newer" -c '' 2>/dev/null; then
            fail "$newer is on the PATH: add PYTHON=$newer to the command."
        fi
    done
    fail "Install a newer Python (https://www.python.org/downloads/) and add PYTHON=/path/to/it to the command."
fi

# Debian ships venv in two packages; without ensurepip `python3 -m venv` leaves half an environment behind.
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    fail "$python cannot make virtual environments: its venv support is not installed." \
        "On Debian or Ubuntu: apt-get install python3-venv (or python$version-venv)."
fi

printf 'Installing gamedyn[%s] into %s (some minutes the first time).\n' "$extras" "$folder" >&2
rm -f "$folder/.installed"
if ! "$folder/bin/python" -c 'import pip' 2>/dev/null; then
    "$python" -m venv --clear "$folder"
fi
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[$extras]"
: >"$folder/.installed"
