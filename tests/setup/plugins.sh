#!/bin/sh
# Install real TensorBoard plugins beside the virtual environment, where only the tests that try
# them look. Without them those tests are skipped with a visible reason. Usage: plugins.sh VENV
set -eu
venv=$1
target=$venv/third-party-plugins
lock=tests/setup/plugins.lock

cmp -s "$lock" "$target/installed.lock" && exit 0
rm -rf "$target" "$target.new"
if ! { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --require-hashes --only-binary :all: --target "$target.new" -r "$lock" &&
    cp "$lock" "$target.new/installed.lock" &&
    mv "$target.new" "$target"; }; then
    rm -rf "$target.new"
    echo "note: the plugins of $lock cannot be installed; the tests that try them are skipped" >&2
fi
