#!/usr/bin/env bash
# install.sh: what packagers rely on: `make install` into a folder of its own, from where the program
# finds what belongs to it and another program paints by libstrata; nothing left by `make uninstall`;
# flags that are handed in reach the compiler. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
build=$(dirname "$strata") root=$tmp/root
case $strata in /*) ;; *) strata=$PWD/$strata ;; esac
unset MAKEFLAGS MFLAGS MAKELEVEL # what is left of the calling make's: its variables, in the environment
export XDG_STATE_HOME=$tmp/state OMP_NUM_THREADS=2
tiny="--network random:4 --width 32 --iterations 1"

install_into() { # TARGET
    make --no-print-directory BUILD="$build" DESTDIR="$root" PREFIX=/usr libdir=/usr/lib/here "$1"
}

there() { # PATH...: below the root
    for path; do [ -e "$root/usr/$path" ] || { find "$root" -type f; return 1; }; done
}

demo_from_elsewhere() {
    (cd "$tmp" && status 0 root/usr/bin/strata run root/usr/share/strata/demo.ini $tiny --output demo.png) &&
        [ -s "$tmp/demo.png" ]
}

example() ( # compiled with nothing but what is installed; a TIFF has no job inside
    assets=$PWD/assets
    export PKG_CONFIG_PATH=$root/usr/lib/here/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root
    cp examples/paint.c "$tmp" && cd "$tmp" &&
        ${CC:-cc} ${EXTRA-} -Wall -Wextra -Werror paint.c -o paint $(pkg-config --cflags --libs strata) &&
        ./paint c.tif content="$assets/coast.jpg" styles="$assets/night.jpg" network=random:4 width=32 iterations=3 &&
        "$strata" run "$assets/coast.jpg" "$assets/night.jpg" $tiny --iterations 3 --output same.tif &&
        cmp c.tif same.tif
)

flags_arrive() { # CPPFLAGS, CFLAGS and LDFLAGS: each compilation has the first two, each link the last
    make -n --no-print-directory V=1 BUILD="$tmp/flags" CPPFLAGS=-DHERE_CPP CFLAGS=-DHERE_C LDFLAGS=-Wl,-O1 \
        EXTRA= all >"$tmp/commands" || return
    ! grep -E '(^| )-c .*\.c$' "$tmp/commands" | grep -vE -- '-DHERE_CPP .*-DHERE_C' &&
        [ "$(grep -cE -- '-o [^ ]*/strata(-weights)? ' "$tmp/commands")" -eq 2 ] &&
        ! grep -E -- '-o [^ ]*/strata(-weights)? ' "$tmp/commands" | grep -v -- '-Wl,-O1'
}

one_version() {
    local version
    version=$("$strata" --version | sed -nE '1s/^strata ([0-9.]+).*/\1/p')
    [ -n "$version" ] && grep -qx "Version: $version" "$root/usr/lib/here/pkgconfig/strata.pc" &&
        grep -q "^## $version, " CHANGELOG.md &&
        { [ ! -e debian/changelog ] || head -n 1 debian/changelog | grep -qF "strata ($version)"; }
}

claim "make install works below a root and with a libdir" install_into install
claim "programs, pictures, library and headers are there" there share/man/man1/strata.1 share/man/man5/strata-job.5 share/bash-completion/completions/strata bin/strata libexec/strata/strata-weights \
    share/strata/coast.jpg lib/here/libstrata.a include/strata/engine/run/run.h
claim "the installed program paints the installed demo from elsewhere" demo_from_elsewhere
claim "the installed program finds strata-weights" status 0 "$root/usr/bin/strata" weights list
claim "examples/paint.c paints as the program does" example
claim "program, pkg-config, CHANGELOG and debian/ name one version" one_version
claim "make uninstall works" install_into uninstall
claim "make uninstall leaves no file" test -z "$(find "$root" -type f)"
claim "CPPFLAGS, CFLAGS and LDFLAGS arrive" flags_arrive
verdict
