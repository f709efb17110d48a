#!/usr/bin/env bash
# debs.sh FOLDER SUITE...: the packages of FOLDER, which `make deb` left there, in a Debian of its own for
# each SUITE: installed by apt, then strata paints, imports a network and is taken off again, as a user who
# is nobody special; on a suite other than this machine's they are built from the source package there
# first. Exit status 77: cannot be done here.
set -euo pipefail
cd "$(dirname "$0")/.."
. tests/chroot.sh
folder=$1
shift
for suite; do
    chroot_make "$suite" ca-certificates
    mkdir "$root/debs"
    if grep -q "VERSION_CODENAME=$suite" /etc/os-release; then
        cp "$folder"/*.deb "$root/debs"
    else
        start=$SECONDS
        cp -r "$folder" "$root/root/source"
        inside apt-get install -y -qq --no-install-recommends build-essential fakeroot >/dev/null
        inside sh -c 'cd /root/source && rm -f *.deb && dpkg-source -x *.dsc built &&
            apt-get build-dep -y -qq --no-install-recommends ./built' >/dev/null
        inside sh -c 'cd /root/source/built && DEB_BUILD_OPTIONS="nocheck parallel=2" dpkg-buildpackage -us -uc -b' \
            >"$root/root/log" 2>&1 || { tail -20 "$root/root/log"; exit 1; }
        mv "$root"/root/source/*.deb "$root/debs"
        echo "built on $suite: $((SECONDS - start)) s"
        debootstrapped=$(mktemp -d)
        mv "$root/debs" "$debootstrapped"
        chroot_make "$suite" ca-certificates # a clean one
        mv "$debootstrapped/debs" "$root/debs"
        rmdir "$debootstrapped"
    fi
    rm -f "$root"/debs/*-dbgsym_*
    start=$SECONDS
    inside sh -c 'apt-get install -y -qq --no-install-recommends /debs/*.deb' >/dev/null
    echo "installed on $suite: $((SECONDS - start)) s"
    inside useradd -m somebody
    cp tests/data/weights/zip.pth "$root/home/somebody/"
    inside su - somebody -c 'strata --version && strata run /usr/share/strata/demo.ini --output demo.png &&
        strata weights import zip.pth -o net.safetensors --as-is && mpirun -n 2 --oversubscribe strata-mpi \
            /usr/share/strata/demo.ini --output two.png --width 128 --iterations 10 &&
        ls -l demo.png two.png net.safetensors' | tail -n 12
    inside apt-get purge -y -qq strata strata-weights strata-mpi libstrata-dev >/dev/null
    left=$(inside find /usr /etc /var/lib -path /var/lib/apt -prune -o -path /var/lib/dpkg -prune -o -name '*strata*' -print)
    [ -z "$left" ] || { echo "left behind: $left"; exit 1; }
done
