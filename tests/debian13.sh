#!/usr/bin/env bash
# debian13.sh: what a user of Debian 13 does who has nothing but make: `make demo` and `make test`, on a
# copy of this tree. Exit status 77: cannot be done here.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/chroot.sh
chroot_make trixie make,ca-certificates
mkdir "$root/root/strata"
git ls-files -z | tar -c --null -T - | tar -x -C "$root/root/strata"
for target in demo test; do
    start=$SECONDS
    inside make --no-print-directory -j2 -C /root/strata "$target"
    echo "make $target on Debian 13: $((SECONDS - start)) s"
done
