#!/usr/bin/env bash
# Lock what each image and the development environment install: exact versions with hashes, and no index named.
set -euo pipefail
cd "$(dirname "$0")/.."
lock() { # output, arguments…
  local output=$1; shift
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --annotation-style line \
    --output-file "requirements/$output" "$@"
}
lock build.txt    --group build
lock operator.txt pyproject.toml --extra operator
lock workload.txt pyproject.toml --extra workload
lock dev.txt      pyproject.toml --all-extras --group dev
