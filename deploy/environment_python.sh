#!/bin/sh
# The Python of an environment archive: this machine's own @PYTHON@, with the packages that the
# archive holds. It works wherever the archive is unpacked.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
if ! command -v @PYTHON@ >/dev/null; then
    echo "$0: this archive is for @PYTHON@, which is not on the PATH of $(hostname)" >&2
    exit 127
fi
export PYTHONPATH="$here/lib${PYTHONPATH:+:$PYTHONPATH}" PYTHONNOUSERSITE=1
exec @PYTHON@ "$@"
