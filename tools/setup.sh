#!/bin/sh
# Makes .venv and installs the locked packages: sh tools/setup.sh run|dev
#
# Every package is pinned and hashed (requirements/*.txt). uv installs them in a few seconds; where uv does not
# work, plain pip installs the same files. A stamp in .venv says what is installed, so a second call costs
# nothing. dev.txt contains all of run.txt, so a venv made for dev serves run as well.
set -eu
cd "$(dirname "$0")/.."
want=${1:-run}
venv=.venv

say() { printf '%s\n' "$*"; }
stop() {
    printf '%s\n' "$*" >&2
    exit 1
}
version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }
# The locks are made and tried for these; a newer one would have to build packages from source.
fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; }
# What the stamp must say: the folder (a venv cannot be moved) and the locks, word for word.
wanted_stamp() {
    printf '%s\n' "$PWD"
    cat "requirements/$1.txt" requirements/uv.txt
}
satisfied() {
    [ -f "$venv/.stamp-$1" ] && wanted_stamp "$1" | cmp -s - "$venv/.stamp-$1"
}

# The interpreter: PYTHON when it is given, else the venv's own, else the newest of 3.11 to 3.13 that is here.
asked=${PYTHON:-}
if [ -n "$asked" ]; then
    command -v "$asked" >/dev/null 2>&1 ||
        stop "Không tìm thấy $asked trên máy này. / There is no $asked on this machine."
fi
if [ -x "$venv/bin/python" ] && fits "$venv/bin/python" &&
    { [ -z "$asked" ] || [ "$(version_of "$asked")" = "$(version_of "$venv/bin/python")" ]; }; then
    if satisfied "$want" || { [ "$want" = run ] && satisfied dev; }; then
        exit 0
    fi
    fresh=no
else
    fresh=yes
fi

if [ "$fresh" = yes ]; then
    python=$asked
    if [ -z "$python" ]; then
        newest=0
        for candidate in python3 python3.13 python3.12 python3.11; do
            if command -v "$candidate" >/dev/null 2>&1 && fits "$candidate"; then
                minor=$(version_of "$candidate")
                minor=${minor#*.}
                if [ "${minor:-0}" -gt "$newest" ]; then
                    python=$candidate
                    newest=$minor
                fi
            fi
        done
    fi
    if [ -z "$python" ] || ! fits "$python"; then
        have=$(version_of "${python:-python3}") || have=""
        case $have in
        3.1[4-9] | 3.[2-9][0-9] | [4-9].*)
            stop "Python $have mới hơn bản mà các gói được khóa cho (3.11 đến 3.13): cài thêm một bản ấy rồi chạy lại, ví dụ PYTHON=python3.13 make run. / Python $have is newer than what the packages are locked for (3.11 to 3.13): install one of those beside it, then for example PYTHON=python3.13 make run."
            ;;
        esac
        stop "Cần Python 3.11 trở lên (máy này có ${have:-bản quá cũ hoặc không có}): cài bản mới rồi chạy lại, ví dụ PYTHON=python3.12 make run. / Python 3.11 or newer is needed (here: ${have:-none}): install one, then for example PYTHON=python3.12 make run."
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null ||
        stop "Thiếu python3-venv: chạy «sudo apt install python3-venv» rồi chạy lại. / python3-venv is missing: run 'sudo apt install python3-venv', then try again."
    say "Chuẩn bị Python $(version_of "$python") trong $venv (chỉ lần đầu, dưới một phút)… / Preparing $venv (first time only, under a minute)…"
    rm -rf "$venv"
    if ! "$python" -m venv "$venv" >"${TMPDIR:-/tmp}/choxa-venv.$$" 2>&1; then
        reason=$(tail -n 1 "${TMPDIR:-/tmp}/choxa-venv.$$")
        rm -rf "$venv" "${TMPDIR:-/tmp}/choxa-venv.$$"
        stop "Không tạo được $venv: $reason / Could not make $venv: $reason"
    fi
    rm -f "${TMPDIR:-/tmp}/choxa-venv.$$"
else
    say "Cập nhật các gói trong $venv… / Updating the packages in $venv…"
fi

rm -f "$venv"/.stamp-*
# uv knows the index from its own setting; a mirror set for pip serves it as well.
if [ -n "${PIP_INDEX_URL:-}" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then
    UV_DEFAULT_INDEX=$PIP_INDEX_URL
    export UV_DEFAULT_INDEX
fi
pip() { "$venv/bin/python" -m pip --disable-pip-version-check -q "$@"; }
if pip install --require-hashes -r requirements/uv.txt 2>/dev/null &&
    UV_LINK_MODE=${UV_LINK_MODE:-copy} "$venv/bin/python" -m uv pip sync -q --require-hashes \
        -p "$venv/bin/python" "requirements/$want.txt"; then
    :
else
    say "uv không chạy được ở đây, dùng pip (chậm hơn)… / uv does not work here, using pip (slower)…"
    pip install --require-hashes -r "requirements/$want.txt" ||
        stop "Không tải được các gói: kiểm tra mạng rồi chạy lại. / The packages could not be installed: check the network and try again."
fi
wanted_stamp "$want" >"$venv/.stamp-$want"
