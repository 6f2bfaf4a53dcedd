#!/usr/bin/env bash
# The demonstration: a database with fictitious fiches on the real map, served on PORT until interrupted.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh
export FICHETRACK_DEMO=1 PORT=${PORT:-5000}
step "Base de données et géographie de référence"
.venv/bin/flask init
step "Données de démonstration"
.venv/bin/flask demo
step "FicheTrack : ${FICHETRACK_PUBLIC_URL:-http://localhost:$PORT} — mot de passe de tous les comptes : fichetrack-demo (Ctrl-C pour arrêter)"
exec scripts/serve.sh
