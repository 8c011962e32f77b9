#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes sure that the Debian packages for a purpose are installed.
#   sh tests/packages.sh build     what the library and the command need
#   sh tests/packages.sh test      the same and what the tests need
# Does nothing when all are there. Otherwise installs them as root or through sudo; where neither
# is possible it names them and exits 3.
set -eu

packages='gcc libc6-dev cmake ninja-build pkg-config libssl-dev libzstd-dev libcjson-dev
libsqlite3-dev libxxhash-dev libarchive-dev'
root=$(cd "$(dirname "$0")/.." && pwd)
if grep -qE '^#include <(cblas|lapacke)\.h>' "$root"/libaudit/kernel/*.c; then
    packages="$packages libopenblas-dev liblapacke-dev"
fi
case ${1:-build} in
build) ;;
test) packages="$packages dpkg-dev g++ libcmocka-dev binutils openssl python3-yaml locales" ;;
*)
    echo "usage: sh tests/packages.sh build|test" >&2
    exit 3
    ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "This is not a Debian-like system: please see to it that these are there:" >&2
    echo $packages >&2
    exit 0
fi

missing=
for package in $packages; do
    case $(dpkg-query -W -f '${Status} ' "$package" 2>/dev/null || true) in
    *'install ok installed'*) ;;
    *) missing="$missing $package" ;;
    esac
done
# pkgconf stands in for pkg-config on newer releases.
if command -v pkg-config >/dev/null 2>&1; then
    missing=$(printf '%s' "$missing" | sed 's/ pkg-config\b//')
fi
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        as_root=none
    elif [ -t 0 ] && [ "${CI:-}" != true ]; then
        as_root=sudo
    elif sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    else
        as_root=none
    fi
fi
if [ "$as_root" = none ]; then
    echo "These packages are missing, and installing them needs root or sudo:" >&2
    echo "   $missing" >&2
    echo "Please run:  apt-get install$missing" >&2
    exit 3
fi

echo "Installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $as_root apt-get update -qq &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    echo "The packages could not be installed:$missing" >&2
    exit 3
fi
