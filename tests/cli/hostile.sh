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
    local -x XDG_STATE_HOME=$tmp/nobody ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 # which takes a thread
    rm -rf "$tmp/cache"
    status 0 as_nobody 1 "$strata" run $small --output "$tmp/one.png" && is_png "$tmp/one.png" &&
        status 2 as_nobody 1 "$strata" run $small --threads 2 --output "$tmp/three.png" &&
        says '2 threads cannot be started: a limit .*; with threads 1 it fits$' &&
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

asks_about_what_an_edit_names() {
    mkdir -p "$tmp/later" && cp "$ok/content.png" "$ok/style.png" "$tmp/later" || return 1
    printf '[job]\ncontent = content.png\nstyles = style.png\nnetwork = random:4\niterations = 2\noutput = out.png\n[edit 1]\nrelu3_1.style = %s\n' \
        "$ok/style.png" >"$tmp/later/job.ini"
    status 0 "$strata" run "$tmp/later/job.ini" && grep -q 'edits on the way: 1, at iterations 1 to 1' "$tmp/out" "$tmp/err" &&
        status 2 "$strata" run "$tmp/later/out.png" --overwrite && says "reads a file outside its folder, $ok/style.png; allow" &&
        status 0 "$strata" run "$tmp/later/out.png" --overwrite --trust-paths
}

asks_on_the_screen() { # the picture is the one that asks_before_it_reads_elsewhere has painted
    printf 'size 80x24\ndump\nkey Space\ndump\n' >"$tmp/keys"
    status 0 env LC_ALL=C.UTF-8 TERM=xterm-256color "$strata" --script "$tmp/keys" "$tmp/gift/out.png" &&
        grep -q 'out.png names files outside its folder; space asks about them' "$tmp/out" &&
        grep -q 'The job in out.png reads /.*outside its folder. Use them?' "$tmp/out" &&
        grep -q 'y use them  *esc back' "$tmp/out" || return 1
    status 0 env LC_ALL=C.UTF-8 TERM=xterm-256color "$strata" --script "$tmp/keys" "$tmp/gift/out.png" --trust-paths &&
        ! grep -q 'outside its folder' "$tmp/out" && ! grep -q 'y use them' "$tmp/out"
}

# Title, colour and direction of a terminal must stay as they are, whatever a file is called.
says_names_in_plain_words() (
    local e words wanted said
    e=$(printf 'e\033]0;x\007\302\2331m\342\200\256')
    mkdir "$tmp/names" && cd "$tmp/names" && export XDG_DATA_HOME=$tmp/names/data || return 1
    cp "$ok/content.png" "$e.png" && cp "$ok/network.safetensors" "$e.safetensors" && : >"$e.pth" || return 1
    printf '[job]\ncontent = %s.png\nstyles = %s.png\nnetwork = random:4\noutput = j%s.png\niterations = 1\n' \
        "$e" "$e" "$e" >"$e.ini"
    while read -r wanted words; do
        eval "set -- $(printf '%s' "$words" | sed 's/\(\S*\$e\S*\)/"\1"/g')"
        status "$wanted" timeout 20 "$strata" "$@" </dev/null || return 1
        for said in "$tmp/out" "$tmp/err" *.progress.txt; do
            [ ! -e "$said" ] || { [ "$(LC_ALL=C tr -d '\t\r\n\040-\176\200-\377' <"$said" | wc -c)" -eq 0 ] &&
                ! LC_ALL=C grep -q "$(printf '\302\233\|\342\200\256')" "$said"; } || { echo "$words"; return 1; }
        done
    done <<'END'
0 run --content $e.png --styles $e.png --network $e.safetensors --iterations 2 --output $e.jpg --progress-write
2 run --content $e.png --styles $e.png --network $e.safetensors --iterations 2 --output $e.jpg
0 run --content $e.png --styles $e.png --network random:4 --iterations 2 --output b$e.jpg --progress bar
0 run $e.ini
2 run lost$e.ini
0 eval $e.ini --image $e.png --json
2 show --graphics ascii lost$e.png
2 run --content $e.pth --styles $e.png --output $e.png
0 weights info $e.safetensors
2 weights info $e.pth
0 weights import $e.safetensors --as-is
2 weights import $e.pth
0 weights list
2 weights fetch $e
0 weights fetch http://127.0.0.1:1/$e.pth --sha256 0000000000000000000000000000000000000000000000000000000000000000
1 weights fetch vgg19 --mirror http://127.0.0.1:1/$e
0 bench --network $e.safetensors --size 32x32 --iterations 1
0 bench --network $e.safetensors --size 32x32 --iterations 1 --json
2 --$e
2 $e x
END
)

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
claim "so it does where only an edit names them" asks_about_what_an_edit_names
claim "the workbench asks before it opens them" asks_on_the_screen
claim "names with escape sequences are printed as plain words" says_names_in_plain_words
claim "a network whose first loss is no number leaves no picture" ends_a_run_that_cannot_begin
verdict
