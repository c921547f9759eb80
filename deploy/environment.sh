#!/bin/sh
# Makes .venv hold exactly what requirements/$1.txt locks; says nothing and does nothing when it already does.
#   sh deploy/environment.sh base|dev
set -eu

lock="requirements/$1.txt"
stamp=".venv/installed-$1"
wanted=$(sha256sum "$lock" | cut -d ' ' -f 1)

usable() { [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
current() { usable && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; }

current && exit 0

# Two makes at once (a demo beside the tests) must not install into the same folder.
mkdir -p var
exec 9>var/environment.lock
flock 9
current && exit 0

# 3.11 first: it is the version that is proved.
find_python() {
    for name in python3.11 python3 python3.12 python3.13 python3.14; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            "$name" -c 'import sys; print(sys.executable)'
            return 0
        fi
    done
    return 1
}

install_debian_packages() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q >&2 && apt-get install -q -y --no-install-recommends "$@" >&2
}

if ! usable; then
    python=$(find_python) || { install_debian_packages python3 python3-venv && python=$(find_python); } || {
        echo "Python 3.11 or newer is missing; on Debian and Ubuntu: apt-get install python3 python3-venv" >&2
        exit 1
    }
    # Debian keeps what a virtual environment needs in a package of its own.
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        install_debian_packages "python$version-venv" || {
            echo "Python's venv is missing; on Debian and Ubuntu: apt-get install python$version-venv" >&2
            exit 1
        }
    fi
    rm -rf .venv
    "$python" -m venv .venv
fi

echo "Installing $lock into .venv …" >&2
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --no-deps -r "$lock"
echo "$wanted" >"$stamp"
