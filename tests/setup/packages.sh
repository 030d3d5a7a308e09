#!/bin/sh
# Install the Debian packages the tests use, where that is possible and they are missing.
# Without them the tests that need them are skipped with a visible reason.
set -eu

missing=
need() { # COMMAND PACKAGE
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing="$missing $2"
}
need chromium chromium
need nginx nginx-light
need caddy caddy
need haproxy haproxy
need apache2 apache2-bin
need openssl openssl
need ip iproute2
need systemd-analyze systemd
need systemd-nspawn systemd-container
need zsh zsh
need fish fish
need bindfs bindfs

[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null; then
    echo "note: not a Debian system; tests that need$missing are skipped" >&2
elif [ "$(id -u)" = 0 ]; then
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of package names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
elif sudo -n true 2>/dev/null; then
    sudo apt-get update -qq
    # shellcheck disable=SC2086
    sudo DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "note: for all tests, run: sudo apt-get install$missing" >&2
fi
