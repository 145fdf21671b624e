#!/bin/sh
# Walks the main story in Microsoft's own Agents Playground: ask, card, button, form, report, alert to the other person, acknowledge.
# The Playground listens on every address, so it runs in a network of its own, with nothing but loopback. Needs node, root and Chromium.
set -eu
cd "$(dirname "$0")/.."
folder="${PLAYGROUND:-build/playground}"
mkdir -p "$folder"
if [ ! -d "$folder/node_modules/@microsoft/m365agentsplayground" ]; then
    echo "Installing Microsoft's Agents Playground (this once) …"
    (cd "$folder" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund @microsoft/m365agentsplayground)
fi
exec unshare -n sh -c 'ip link set lo up && exec .venv/bin/python -m scripts.teams_playground "$1"' sh "$folder"
