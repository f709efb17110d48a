# chroot.sh: for scripts to source that try strata on a Debian of its own (debootstrap), which is thrown
# away afterwards. The mirror is the one that this machine's apt uses. Exit status 77: cannot be done here.
cannot() { echo "not tried: $1"; exit 77; }

chroot_make() { # SUITE PACKAGES: $root is its folder then; with a network, as far as this machine has one
    [ "$(id -u)" = 0 ] || cannot "only root may change the root folder"
    command -v debootstrap >/dev/null || cannot "there is no debootstrap"
    local mirror
    mirror=$(apt-get indextargets --format '$(SITE) $(ORIGIN) $(LABEL) $(COMPONENT)' 2>/dev/null |
        awk '$2 == "Debian" && $3 == "Debian" && $4 == "main" { print $1; exit }')
    [ -n "$mirror" ] || cannot "apt knows no mirror of Debian"
    unshare -m true 2>/dev/null || cannot "mounting is not allowed"
    [ -n "${root-}" ] && rm -rf --one-file-system "$root"
    root=$(mktemp -d)
    chmod 755 "$root"
    trap 'rm -rf --one-file-system "$root"' EXIT
    local start=$SECONDS
    debootstrap --variant=minbase --include="$2" "$1" "$root" "$mirror" >"$root.log" 2>&1 ||
        { tail -3 "$root.log"; rm -f "$root.log"; cannot "debootstrap failed"; }
    rm -f "$root.log"
    cp /etc/resolv.conf "$root/etc/"
    apt-config dump | grep -i '^acquire::.*proxy' >"$root/etc/apt/apt.conf.d/90proxy" || true
    inside apt-get update -qq || cannot "its apt reaches no mirror"
    echo "Debian $(cut -d. -f1 "$root/etc/debian_version") is there after $((SECONDS - start)) s"
}

# A command in it. Mounts end with the namespace.
inside() {
    unshare -m sh -c 'mount --bind /dev "$0/dev" && mount --bind /dev/pts "$0/dev/pts" &&
        mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/tmp" && exec chroot "$0" "$@"' "$root" \
        env -i ${http_proxy:+http_proxy="$http_proxy"} HOME=/root TERM=xterm-256color LANG=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
