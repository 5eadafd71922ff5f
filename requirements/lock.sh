#!/bin/sh
# Turns the short lists into full, hashed lock files. An index that pip is told of by PIP_FIND_LINKS or
# PIP_EXTRA_INDEX_URL (the CPU build of torch) is told to uv as well.
set -eu
cd "$(dirname "$0")"

export UV_FIND_LINKS="${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}"
export UV_INDEX="${UV_INDEX:-${PIP_EXTRA_INDEX_URL:-}}"

compile() {
    source=$1
    shift
    ../.venv/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-annotate --no-header \
        --no-emit-index-url --no-emit-find-links "$@" --output-file "$source.lock" "$source.txt"
    echo "requirements/$source.lock: $(grep -c '^[A-Za-z]' "$source.lock")"
}

compile base "$@"
compile voice --no-deps "$@"
compile speakers --no-deps "$@"
compile node --no-deps "$@"
compile fonts --no-deps "$@"
compile bench --constraint base.lock "$@"
compile measure --constraint base.lock "$@"
compile sambert --constraint base.lock "$@"
compile dev --constraint base.lock --constraint sambert.lock "$@"

if ! grep -q '^torch==.*+cpu' sambert.lock; then
    echo "错误：没有找到 CPU 版 torch，见 sambert.txt。(The CPU build of torch was not found; see sambert.txt.)" >&2
    exit 1
fi
