#!/bin/sh
# Finds a Python 3.11 and hands over to bootstrap.py. Plain sh, because the Python that is
# here may be too old even to read that file.
set -u

root=$(CDPATH= cd -- "$(dirname -- "$0")/../../.." && pwd)
found=""
for candidate in ${PYTHON:-} python3.11 python3 python; do
    version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if [ "$version" = "3.11" ]; then
        exec "$candidate" -I "$root/platform/govvoice/embedded/bootstrap.py" "$@"
    fi
    found="$found $candidate=$version"
done
echo "错误：需要 Python 3.11，本机只有：${found:- 无}。安装后重试，或用 PYTHON=/路径/python3.11 指定。(Python 3.11 is needed; found:${found:- none}. Install it or set PYTHON.)" >&2
exit 1
