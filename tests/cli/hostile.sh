#!/usr/bin/env bash
# hostile.sh: what strata does where something is wrong with the machine or meant to be: links, limits,
# received pictures, names with escape sequences. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
case $strata in /*) ;; *) strata=$PWD/$strata ;; esac
ok=$PWD/tests/data/ok bad=$PWD/tests/data/bad
export XDG_STATE_HOME=$tmp/state XDG_CACHE_HOME=$tmp/cache
small="--content $ok/content.png --styles $ok/style.png --network random:4 --iterations 1"

is_png() { [ "$(head -c 4 "$1" | tail -c 3)" = PNG ]; }
says() { grep -aqE -- "$1" "$tmp/err" && [ "$(grep -c '' "$tmp/err")" -eq 1 ]; }


writes_through_a_link_to_nothing() {
    mkdir -p "$tmp/there" && ln -s there/new.png "$tmp/link.png" || return 1
    status 2 "$strata" run $small --output "$tmp/link.png" && says 'link.png exists' &&
        status 0 "$strata" run $small --output "$tmp/link.png" --overwrite &&
        [ -L "$tmp/link.png" ] && is_png "$tmp/there/new.png" || return 1
    ln -s nowhere/new.png "$tmp/lost.png"
    status 2 "$strata" run $small --output "$tmp/lost.png" --overwrite && says 'there is no folder' && [ -L "$tmp/lost.png" ]
}

# Root is above the limit.
as_nobody() { # LIMIT WORDS...
    local limit=$1
    shift
    chmod 777 "$tmp"
    if [ "$(id -u)" -ne 0 ]; then
        (ulimit -u "$limit" && exec "$@")
    else
        setpriv --reuid=65534 --regid=65534 --clear-groups bash -c 'ulimit -u "$0"; exec "$@"' "$limit" "$@"
    fi
}

paints_where_there_can_be_no_threads() {
    rm -rf "$tmp/cache"
    status 0 as_nobody 1 "$strata" run $small --output "$tmp/one.png" && is_png "$tmp/one.png" &&
        status 2 as_nobody 1 "$strata" run $small --threads 3 --output "$tmp/three.png" &&
        says '3 threads cannot be started: a limit .*; --threads 1 fits$' &&
        status 0 as_nobody 1 "$strata" show --graphics ascii "$ok/content.png" &&
        status 0 as_nobody 1 "$strata" bench --size 32x32 --network random:4 --iterations 1
}

asks_before_it_reads_elsewhere() {
    mkdir -p "$tmp/gift" && cp "$ok/content.png" "$ok/style.png" "$tmp/gift" || return 1
    (cd "$tmp/gift" && status 0 "$strata" run --content content.png --styles "$ok/style.png" --network random:4 \
        --iterations 1 --output out.png) || return 1
    status 2 "$strata" run "$tmp/gift/out.png" --overwrite && says "reads a file outside its folder, $ok/style.png, and 4 more; allow" &&
        status 0 "$strata" run "$tmp/gift/out.png" --overwrite --trust-paths &&
        status 0 "$strata" run "$tmp/gift/out.png" --overwrite --styles "$ok/style.png"
}

ends_a_run_that_cannot_begin() {
    status 1 "$strata" run --content "$ok/content.png" --styles "$ok/style.png" --network "$ok/wild.safetensors" \
        --iterations 3 --output "$tmp/wild.png" 2>/dev/null
    [ ! -e "$tmp/wild.png" ] && grep -q 'iteration 0: the .* loss.* is not a finite number already before a step' "$tmp/err"
}

claim "--overwrite on a link to nothing makes what it leads to" writes_through_a_link_to_nothing
if [ "$(id -u)" -ne 0 ] || as_nobody 10 "$strata" --version >/dev/null 2>&1; then
    claim "where no thread can be started one does, or a sentence" paints_where_there_can_be_no_threads
fi
claim "a received picture's job reads nothing outside its folder unasked" asks_before_it_reads_elsewhere
claim "a network whose first loss is no number leaves no picture" ends_a_run_that_cannot_begin
verdict
