#!/bin/sh
# Install the unmodified client of Gradient into an environment of its own, where only the test that
# tries it looks. Without it that test is skipped with a visible reason. Usage: gradient.sh VENV
set -eu
venv=$1
target=$venv/gradient
lock=tests/setup/gradient.lock

install() {
    "$venv/bin/python" -m pip --python "$target/bin/python" install --quiet \
        --disable-pip-version-check --no-deps --require-hashes --only-binary :all: "$@"
}

builder() { # the lock's part about setuptools
    sed -n '/^setuptools==/,/[^\\]$/p' "$lock"
}

cmp -s "$lock" "$target/installed.lock" && exit 0
rm -rf "$target"
if ! { "$venv/bin/python" -m venv --without-pip "$target" &&
    builder >"$target/builder.lock" &&
    install -r "$target/builder.lock" &&
    install --no-binary click-completion,gql,halo --no-build-isolation -r "$lock" &&
    cp "$lock" "$target/installed.lock"; }; then
    rm -rf "$target"
    echo "note: the client of $lock cannot be installed; the test that tries it is skipped" >&2
fi
