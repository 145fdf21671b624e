#!/usr/bin/env bash
# Chromium and PostgreSQL for the tests: used where the machine has them, installed on Debian as root, else said to be missing.
set -u
missing=()
for browser in google-chrome google-chrome-stable chromium chromium-browser microsoft-edge; do
  command -v "$browser" >/dev/null 2>&1 && found_browser=1
done
[ -n "${found_browser:-}" ] || [ -n "${TEST_BROWSER:-}" ] || missing+=(chromium fonts-liberation fonts-noto-color-emoji)
{ ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1; } || [ -n "${TEST_DATABASE_URL:-}" ] || missing+=(postgresql)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing for the tests: ${missing[*]}"
  # Debian's package would start a server of its own: the tests start theirs, and stop it again.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.conf
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "Not on this machine: ${missing[*]}. The tests that need it will be skipped."
fi
exit 0
