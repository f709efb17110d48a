#!/usr/bin/env bash
# resume.sh: runs that were ended go on, from the same command or by `strata resume`, to the same
# picture. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
case $strata in /*) ;; *) strata=$PWD/$strata ;; esac
export XDG_STATE_HOME=$tmp/state
words="$PWD/assets/coast.jpg $PWD/assets/glass.jpg --network random:4 --width 96 --progress json"
words="$words --checkpoint-seconds 0.05"
mkdir "$tmp/place" "$tmp/right"
(cd "$tmp/right" && "$strata" run $words --iterations 400 --output out.png --anew >/dev/null)

pid=
trap '[ -n "$pid" ] && kill -9 "$pid" 2>/dev/null; rm -rf "$tmp"' EXIT

fresh() {
    [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null # a claim that failed leaves it
    rm -rf "$tmp/state" "$tmp/place"
    mkdir "$tmp/place"
}

# begin WORDS...: in a folder of its own and in the background, until some iterations are done; $pid
begin() {
    fresh
    (cd "$tmp/place" && exec "$strata" run $words --output out.png "$@" >"$tmp/lines" 2>"$tmp/err") &
    pid=$!
    for _ in $(seq 3000); do
        [ "$(wc -l <"$tmp/lines")" -ge 60 ] && return
        sleep 0.02
    done
    echo "the iterations did not come"
    return 1
}

ended() { # SIGNAL STATUS
    kill -s "$1" "$pid"
    wait "$pid" 2>/dev/null
    local got=$?
    [ "$got" -eq "$2" ] || { echo "status $got, not $2"; cat "$tmp/err"; return 1; }
}

again() { (cd "$tmp/place" && "$strata" run $words --output out.png "$@" >"$tmp/lines" 2>"$tmp/err"); }
goes_on() { (cd "$tmp" && "$strata" resume --progress plain "$@" >"$tmp/lines" 2>"$tmp/err"); }
right() { cmp "$tmp/right/out.png" "$tmp/place/out.png" && [ "$(ls "$tmp/place")" = out.png ]; }
begun() { head -n 1 "$tmp/lines" | grep -o '"iteration":[0-9]*' | cut -d: -f2; }
folder() { echo "$tmp"/state/strata/runs/*; }

resumes_a_killed_run() {
    begin --iterations 400 && ended KILL 137 && "$strata" resume --list </dev/null | grep -q '/400 .*without warning' &&
        goes_on && grep -q 'goes on from iteration' "$tmp/lines" && right && [ ! -e "$(folder)/checkpoint.old" ] &&
        [ "$(cut -d, -f1 "$(folder)/losses.csv" | tail -n +2 | tr '\n' ' ')" = "$(seq 0 400 | tr '\n' ' ')" ] &&
        "$strata" runs | grep -q '400/400 .*finished'
}

goes_on_by_the_same_command() {
    begin --iterations 400 && ended TERM 143 && [ -s "$tmp/place/out.png" ] && again --iterations 400 &&
        [ "$(begun)" -gt 0 ] && right && grep -q 'goes on at iteration' "$(folder)/log"
}

begins_anew() {
    begin --iterations 400 && ended TERM 143 && again --iterations 400 --anew --overwrite && [ "$(begun)" -eq 0 ] && right
}

ends_while_it_loads() { # at moments of the first tenths of a second
    local pause status
    for pause in 0.1 0.15 0.2 0.3; do # before, it is a shell with a trap of ours
        fresh
        (cd "$tmp/place" && exec "$strata" run $words --width 400 --network strata16 --iterations 400 --output o.png \
            >/dev/null 2>"$tmp/err") &
        pid=$!
        sleep $pause
        kill -TERM $pid
        wait $pid 2>/dev/null
        status=$?
        [ $status -eq 143 ] || { echo "after $pause s: status $status"; cat "$tmp/err"; return 1; }
        [ $pause = 0.3 ] || [ ! -e "$tmp/place/o.png" ] || head -c 4 "$tmp/place/o.png" | grep -q PNG || return 1
    done
}

keeps_it_where_it_is_told() {
    begin --iterations 400 --run-dir "$tmp/state/here" && ended TERM 143 &&
        status 2 sh -c "cd $tmp/place && $strata run $words --iterations 401 --output out.png --run-dir $tmp/state/here" &&
        grep -q 'holds another run' "$tmp/err" && again --iterations 400 --run-dir "$tmp/state/here" && right &&
        again --iterations 400 --run-dir "$tmp/state/here" && right # done already
}

# Damages the checkpoint and, if that is said, the one before it. One that was just being put in their place would
# be sound.
spoil() {
    rm -f "$(folder)/checkpoint.new"
    for file in "$@"; do printf 'xxxx' | dd of="$(folder)/$file" bs=1 seek=4000 conv=notrunc 2>/dev/null; done
}

twice() { # the state was saved
    for _ in $(seq 500); do
        [ -e "$(folder)/checkpoint.old" ] && return
        sleep 0.02
    done
    echo "there was no second checkpoint"
    return 1
}

takes_the_one_before() {
    begin --iterations 400 && twice && ended KILL 137 && spoil checkpoint && goes_on && right &&
        grep -q 'checksum does not fit.*the one before it is taken' "$tmp/err"
}

refuses_a_damaged_one() {
    begin --iterations 400 && twice && ended KILL 137 && spoil checkpoint checkpoint.old &&
        status 2 "$strata" resume && grep -q 'no checkpoint that can be used' "$tmp/err" ||
        { ls -l "$(folder)"; cat "$tmp/err"; false; }
}

keeps_a_picture_of_somebody_else() { # who has put it there meanwhile
    begin --iterations 400 && ended TERM 143 && echo theirs >"$tmp/place/out.png" &&
        status 1 "$strata" resume && [ "$(cat "$tmp/place/out.png")" = theirs ] && cmp "$tmp/right/out.png" "$tmp/place/out-2.png"
}

is_run_once_at_a_time() {
    begin --iterations 1000000 && status 2 "$strata" resume "$(folder)" && grep -q 'is being run by process' "$tmp/err" &&
        status 2 "$strata" runs --remove "$(folder)" && ended TERM 143
}

removes_what_is_finished() {
    begin --iterations 400 && ended TERM 143 && "$strata" runs --prune 0 | grep -q '^0 finished' && goes_on &&
        "$strata" runs --prune 0 | grep -q '^1 finished' && "$strata" runs | grep -q '^there is no run$' && right
}

lives_without_a_home() {
    fresh
    (cd "$tmp/place" && env -u HOME -u XDG_STATE_HOME "$strata" run $words --iterations 3 --output out.png >/dev/null 2>"$tmp/err") &&
        grep -q 'HOME is not set; set it, or XDG_STATE_HOME; the run cannot be resumed' "$tmp/err" && [ -s "$tmp/place/out.png" ]
}

claim "a run that was killed goes on to the same picture, its losses in one piece" resumes_a_killed_run
claim "the same command goes on with what it began" goes_on_by_the_same_command
claim "--anew begins anew" begins_anew
claim "SIGTERM while it loads ends it at once" ends_while_it_loads
claim "--run-dir says where the state is, and holds one run" keeps_it_where_it_is_told
claim "a damaged checkpoint is told, and the one before it is taken" takes_the_one_before
claim "without a sound one it is refused with the reason" refuses_a_damaged_one
claim "a picture that somebody has put in the output's place stays" keeps_a_picture_of_somebody_else
claim "one process at a time has a run" is_run_once_at_a_time
claim "finished runs are removed on request, unfinished ones stay" removes_what_is_finished
claim "without a place for the state a run says so and paints" lives_without_a_home
verdict
