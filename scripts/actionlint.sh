#!/usr/bin/env bash
# Checks the workflows with actionlint, built from its Go module at a fixed version and kept until the version changes.
set -euo pipefail
cd "$(dirname "$0")/.."
version=v1.7.12
folder="${XDG_CACHE_HOME:-$HOME/.cache}/provisioning/actionlint-$version"
if [ ! -x "$folder/actionlint" ]; then
  if ! command -v go >/dev/null; then
    echo 'actionlint was not run: it is built with Go, which is not installed' >&2
    exit 3
  fi
  GOBIN="$folder" go install "github.com/rhysd/actionlint/cmd/actionlint@$version"
fi
"$folder/actionlint" -color=false "$@"
echo "actionlint $version: no complaint about $(find .github/workflows -name '*.yml' | wc -l) workflows"
