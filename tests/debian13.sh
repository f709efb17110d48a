#!/usr/bin/env bash
# debian13.sh: what a user of Debian 13 does who has nothing but make: `make demo` and `make test`,
# on a copy of this tree, in a Debian 13 of its own (debootstrap) that is thrown away afterwards.
# The mirror is the one that this machine's apt uses. Exit status 77: cannot be done here.
set -euo pipefail
cd "$(dirname "$0")/.."
cannot() { echo "Debian 13 is not tried: $1"; exit 77; }

[ "$(id -u)" = 0 ] || cannot "only root may change the root folder"
command -v debootstrap >/dev/null || cannot "there is no debootstrap"
mirror=$(apt-get indextargets --format '$(SITE) $(ORIGIN) $(LABEL) $(COMPONENT)' 2>/dev/null |
    awk '$2 == "Debian" && $3 == "Debian" && $4 == "main" { print $1; exit }')
[ -n "$mirror" ] || cannot "apt knows no mirror of Debian"
root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
unshare -m true 2>/dev/null || cannot "mounting is not allowed"
start=$SECONDS
debootstrap --variant=minbase --include=make,ca-certificates trixie "$root" "$mirror" \
    >"$root.log" 2>&1 || { tail -3 "$root.log"; rm -f "$root.log"; cannot "debootstrap failed"; }
rm -f "$root.log"
cp /etc/resolv.conf "$root/etc/"
apt-config dump | grep -i '^acquire::.*proxy' >"$root/etc/apt/apt.conf.d/90proxy" || true
mkdir "$root/root/strata"
git ls-files -z | tar -c --null -T - | tar -x -C "$root/root/strata"
echo "Debian 13 is there after $((SECONDS - start)) s"

# Mounts end with the namespace.
inside() {
    unshare -m sh -c 'mount --bind /dev "$0/dev" && mount --bind /dev/pts "$0/dev/pts" &&
        mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/tmp" && exec chroot "$0" "$@"' "$root" \
        env -i ${http_proxy:+http_proxy="$http_proxy"} HOME=/root TERM=xterm-256color LANG=C.UTF-8 \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
inside apt-get update -qq || cannot "its apt reaches no mirror"
for target in demo test; do
    start=$SECONDS
    inside make --no-print-directory -j2 -C /root/strata "$target"
    echo "make $target on Debian 13: $((SECONDS - start)) s"
done
