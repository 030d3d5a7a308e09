#!/bin/sh
# Make an environment with TensorFlow beside the virtual environment, for the tests that train with
# it. Without it those tests are skipped with a visible reason. Usage: tensorflow.sh VENV
set -eu
venv=$1
target=$venv/tensorflow
lock=tests/setup/tensorflow.lock

cmp -s "$lock" "$target/installed.lock" && exit 0
echo "Installing TensorFlow into $target (a minute or so; once) ..." >&2
rm -rf "$target"
if ! { "$venv/bin/python" -m venv --without-pip "$target" &&
    "$venv/bin/python" -m pip --python "$target/bin/python" install --quiet \
        --disable-pip-version-check --no-deps --no-compile \
        --require-hashes --only-binary :all: -r "$lock" &&
    cp "$lock" "$target/installed.lock"; }; then
    rm -rf "$target"
    echo "note: $lock cannot be installed; the tests that train with it are skipped" >&2
fi
