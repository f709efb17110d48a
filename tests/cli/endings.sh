#!/usr/bin/env bash
# endings.sh: `strata run` when readers do not read, signals come, and disks and folders go. Ends with
# "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
case $strata in /*) ;; *) strata=$PWD/$strata ;; esac
export XDG_STATE_HOME=$tmp/state # where pictures go that find no place
export TMPDIR=$tmp/tmp
mkdir "$TMPDIR"
mkdir "$tmp/here"
inputs="--content $PWD/assets/coast.jpg --styles $PWD/assets/glass.jpg"
small="$inputs --network random:4 --width 64"

is_png() { [ "$(head -c 4 "$1" | tail -c 3)" = PNG ]; }

begin() { # OPTIONS...: a run in the background, in a folder of its own; its id is in $pid
    rm -f "$tmp/lines" "$tmp/err"
    set -m # or the shell has its background programs ignore SIGINT
    (cd "$tmp/here" && exec timeout -s KILL 200 "$strata" run --progress json "$@" >"$tmp/lines" 2>"$tmp/err") &
    pid=$!
    set +m
}

reaches() { # COUNT FILE: waits until so many lines are there
    local n
    for n in $(seq 1200); do
        [ "$(cat "$2" 2>/dev/null | wc -l)" -ge "$1" ] && return
        sleep 0.1
    done
    echo "only $(cat "$2" | wc -l) lines in $2"
    return 1
}

ends() { # STATUS
    wait "$pid"
    local got=$?
    [ "$got" -eq "$1" ] || { echo "status $got, not $1"; cat "$tmp/err"; false; }
}

stop() { # SIGNAL: to strata itself, of which $pid may be the parent
    kill -s "$1" "$pid"
}

runs_past_a_reader_that_sleeps() {
    mkfifo "$tmp/fifo"
    exec 9<>"$tmp/fifo"
    (exec timeout -s KILL 200 "$strata" run $small --iterations 1000000 --output "$tmp/sleeps.png" --progress json \
        --progress-write >"$tmp/fifo" 2>"$tmp/err" 9<&-) &
    pid=$!
    local well=true
    reaches 250 "$tmp/sleeps.progress.txt" || well=false
    stop TERM
    ends 143 && is_png "$tmp/sleeps.png" && grep -q 'was not read: lines .* are missing' "$tmp/err" || well=false
    timeout 2 cat <&9 >"$tmp/read"
    exec 9<&-
    $well && [ "$(grep -vc '^{"iteration.*}}$' "$tmp/read")" -eq 0 ] && [ "$(wc -l <"$tmp/read")" -ge 5 ] &&
        [ -z "$(tail -c 1 "$tmp/read")" ]
}

survives_a_second_signal() {
    begin $inputs --network random:vgg19 --width 420 --pyramid off --iterations 1000 --output slow.png
    reaches 1 "$tmp/lines" && stop TERM && sleep 0.8
    stop TERM
    ends 143 && is_png "$tmp/here/slow.png" && grep -q '^strata: stopping; ' "$tmp/err"
}

finds_another_place() {
    mkdir "$tmp/gone"
    begin $small --iterations 1000000 --output "$tmp/gone/lost.png"
    reaches 3 "$tmp/lines" && rm -r "$tmp/gone"
    stop TERM
    ends 1 && is_png "$tmp/here/lost.png" && grep -q 'the picture is in lost.png$' "$tmp/err"
}

takes_another_name() {
    begin $small --iterations 1000000 --output name.png
    reaches 3 "$tmp/lines" && echo precious >"$tmp/here/name.png"
    stop TERM
    ends 1 && [ "$(cat "$tmp/here/name.png")" = precious ] && is_png "$tmp/here/name-2.png" &&
        grep -q 'the picture is in name-2.png$' "$tmp/err"
}

fails_when_nothing_takes_it() {
    (ulimit -f 1; TMPDIR=$tmp status 1 "$strata" run $small --width 200 --iterations 2 --output "$tmp/full.png") &&
        [ -z "$(find "$tmp" -name '*full*')" ]
}

goes_on_without_a_checkpoint() { # files may grow as large as the picture, a JPEG, but not the PNG
    local run="timeout 120 $strata run $small --width 160 --iterations 7 --checkpoint-iterations 2"
    status 0 $run --output "$tmp/a.jpg" --checkpoint-output "$tmp/a-{}.png" || return 1
    local limit=$((($(wc -c <"$tmp/a.jpg") + $(wc -c <"$tmp/a-2.png")) / 2048))
    (ulimit -f "$limit"
        status 1 $run --output "$tmp/b.jpg" --checkpoint-output "$tmp/b-{}.png") &&
        [ -s "$tmp/b.jpg" ] && [ ! -e "$tmp/b-2.png" ] && grep -q 'b.jpg: iteration 7$' "$tmp/out" &&
        [ "$(grep -c 'b-2.png.*; the run goes on$' "$tmp/err")" -eq 1 ] &&
        [ "$(grep -c 'checkpoint.new: .*; the run goes on$' "$tmp/err")" -eq 1 ] &&
        [ "$(grep -c 'the picture is not in the history: cannot write' "$tmp/err")" -eq 1 ] &&
        [ "$(grep -c . "$tmp/err")" -eq 4 ]
}

goes_on_without_a_log() {
    (ulimit -f 16
        status 1 timeout 120 "$strata" run $small --iterations 200 --output "$tmp/log.jpg" --progress-write) &&
        [ -s "$tmp/log.jpg" ] && grep -q 'log.jpg: iteration 200$' "$tmp/out" &&
        [ "$(grep -c 'log.progress.txt .*; the run goes on$' "$tmp/err")" -eq 1 ] &&
        [ "$(grep -c 'checkpoint.new: .*; the run goes on$' "$tmp/err")" -eq 1 ] &&
        [ "$(grep -c . "$tmp/err")" -eq 3 ]
}

keeps_closed_output_out_of_its_files() {
    "$strata" run $small --iterations 3 --output "$tmp/c.png" --progress json --progress-write >&- 2>"$tmp/err"
    [ $? -eq 1 ] && is_png "$tmp/c.png" && [ "$(grep -c '{' "$tmp/c.progress.txt")" -eq 0 ] &&
        [ "$(grep -c . "$tmp/c.progress.txt")" -eq 5 ] && grep -q 'standard output' "$tmp/err"
}

misses_what_was_not_printed() {
    local words
    "$strata" run $small --iterations 1 --output "$tmp/e.png" >/dev/null
    for words in --help "run --help" --version doctor "eval $tmp/e.png --trust-paths --image $tmp/e.png" \
        "eval $tmp/e.png --trust-paths --image $tmp/e.png --json" "show --graphics ascii $tmp/e.png" \
        "bench --size 32x32 --network random:4 --iterations 1"; do
        "$strata" $words >/dev/full 2>"$tmp/err"
        [ $? -eq 1 ] && [ "$(grep -c . "$tmp/err")" -eq 1 ] || { echo "$words"; cat "$tmp/err"; return 1; }
    done
    "$strata" --help | head -n 1 >/dev/null
    [ "${PIPESTATUS[0]}" -eq 0 ]
}

paints_with_many_threads() {
    OMP_NUM_THREADS=100000 "$strata" run $small --iterations 1 --output "$tmp/many.png" >/dev/null &&
        is_png "$tmp/many.png"
}

# Each of them ends with a picture or one sentence. With less than the first the program cannot be
# loaded.
bears_little_address_space() {
    local megabytes status
    for megabytes in 80 100 140 180 220 260 300; do
        rm -f "$tmp/v.png"
        (ulimit -v $((megabytes * 1024))
            exec "$strata" run $small --iterations 2 --threads 2 --output "$tmp/v.png") >/dev/null 2>"$tmp/err"
        status=$?
        case $status in
            0) is_png "$tmp/v.png" ;;
            1 | 2) [ "$(grep -c 'memory' "$tmp/err")" -eq 1 ] ;;
            *) false ;;
        esac || { echo "$megabytes MB: status $status"; cat "$tmp/err"; return 1; }
    done
    [ "$status" -eq 0 ] || return 1
    (ulimit -s 250000 && ulimit -v 300000 # each thread takes a stack
        exec "$strata" run $small --iterations 2 --threads 2 --output "$tmp/v2.png") >/dev/null 2>"$tmp/err"
    [ $? -eq 1 ] && grep -q 'memory for 2 threads' "$tmp/err"
}

claim "a reader that does not read stops neither the run nor its signals, and gets whole lines" \
    runs_past_a_reader_that_sleeps
claim "a signal is answered at once, and a second one does not lose the picture" survives_a_second_signal
claim "a picture whose folder is gone is saved elsewhere" finds_another_place
claim "a picture whose name was taken meanwhile is saved beside it" takes_another_name
claim "a full disk is a failure and leaves nothing half-written" fails_when_nothing_takes_it
claim "a checkpoint that cannot be written is told, and the run goes on" goes_on_without_a_checkpoint
claim "a log that cannot be written is told, and the run goes on" goes_on_without_a_log
claim "a closed standard output does not end up in the log" keeps_closed_output_out_of_its_files
claim "what cannot be printed is a failure" misses_what_was_not_printed
claim "more threads than processors are not taken over from the environment" paints_with_many_threads
# An address sanitizer's program needs terabytes of it.
if (ulimit -v 1000000; "$strata" --version >/dev/null 2>&1); then
    claim "little address space is a picture or a sentence" bears_little_address_space
fi
verdict
