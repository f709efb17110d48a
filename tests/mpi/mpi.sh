#!/usr/bin/env bash
# mpi.sh: strata-mpi by one, two and four processes on this machine. Where it is not built, or there is no
# mpirun, nothing is asked. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
build=$(dirname "$strata")
if [ ! -x "$build/strata-mpi" ] || ! command -v mpirun >/dev/null; then
    echo "strata-mpi is not built here (make deps-mpi strata-mpi): skipped"
    echo "[  SKIPPED ] 1 test"
    exit 0
fi
# Open MPI never gives back a hundred kilobytes, and its modules are gone when that is found.
export ASAN_OPTIONS=detect_leaks=0
export XDG_STATE_HOME=$tmp/state OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
"$build/tests/near" 96 960 "$tmp/tall.png" # at width 80 four parts, of 192 rows at least
# To the last bit the same algorithms everywhere.
words="--content $tmp/tall.png --styles assets/night.jpg --network strata16 --width 80 --threads 1
    --precision fp32 --convolution direct"

paint() { # RANKS OUTPUT WORDS...
    local ranks=$1 output=$2
    shift 2
    timeout 120 mpirun --oversubscribe -n "$ranks" "$build/strata-mpi" $words --output "$tmp/$output" "$@" \
        >"$tmp/lines" 2>"$tmp/err" || { cat "$tmp/lines" "$tmp/err"; return 1; }
}

near() { # A B LEAST: the relative L2 distance is at most that
    local got
    got=$("$build/tests/near" "$tmp/$1" "$tmp/$2") || return 1
    awk -v d="${got% *}" -v most="$3" 'BEGIN { exit !(d <= most) }' || { echo "$1 and $2: $got"; return 1; }
}

total() { # the last one of the lines
    sed -n 's/.* total \([^ ]*\) .*/\1/p' "$tmp/lines" | tail -n 1
}

# 2e-3 is what rounding to whole numbers makes of pictures that are equal to some digits.
few_steps() { # WORDS...
    local ranks
    for ranks in 1 2 4; do
        paint $ranks few$ranks.png --pyramid off --iterations 6 --overwrite --anew "$@" || return 1
    done
    "$strata" run $words --pyramid off --iterations 6 --overwrite --anew "$@" --output "$tmp/alone.png" >/dev/null ||
        return 1
    near few2.png few1.png 2e-3 && near few4.png few1.png 2e-3 && near alone.png few1.png 2e-3
}
claim "a few steps of L-BFGS are the same by any number of processes, and those of strata run" \
    few_steps --optimizer lbfgs
claim "a few steps of Adam, from noise" few_steps --optimizer adam --learning-rate 1 --initial noise
claim "with the content's colours" few_steps --preserve-colors

ends() {
    local ranks totals=
    for ranks in 1 2 4; do
        paint $ranks end.png --iterations 60 --overwrite --anew || return 1
        totals="$totals $(total)"
    done
    echo "$totals" | awk '{ exit !($2 / $1 < 1.02 && $2 / $1 > 0.98 && $3 / $1 < 1.02 && $3 / $1 > 0.98) }' ||
        { echo "totals$totals"; return 1; }
}
claim "whole runs in several sizes end at the same loss" ends

same_bits() {
    paint 4 a.png --iterations 20 --anew && paint 4 b.png --iterations 20 --anew &&
        [ "$("$build/tests/near" "$tmp/a.png" "$tmp/b.png")" = "0 0" ] && [ -n "$(total)" ]
}
claim "the same number of processes gives the same picture" same_bits

too_many() {
    paint 4 few.png --pyramid off --iterations 2 --width 40 --anew &&
        { grep -q "40×400 by 2 of 4 processes" "$tmp/lines" || { cat "$tmp/lines"; return 1; }; }
}
claim "a picture that is too small for all is painted by some" too_many

# begin RANKS OUTPUT: in the background, until a checkpoint is there; $pid is mpirun's.
begin() {
    rm -rf "$tmp/run" "$tmp/$2"
    mpirun --oversubscribe -n "$1" "$build/strata-mpi" $words --iterations 90 --run-dir "$tmp/run" \
        --checkpoint-seconds 0.1 --output "$tmp/$2" >"$tmp/lines" 2>"$tmp/err" &
    pid=$!
    for _ in $(seq 600); do
        [ -e "$tmp/run/parts" ] && return
        sleep 0.05
    done
    echo "there was no checkpoint"
    return 1
}

resumes() { # RANKS: what was begun, to the picture of a run that was not ended
    paint "$1" resumed.png --iterations 90 --run-dir "$tmp/run" && grep -q "goes on from" "$tmp/lines" &&
        near resumed.png whole.png "$2" && [ ! -e "$tmp/run" ]
}

killed() { # which of the ranks, from 1 on; after how long
    local began
    begin 2 resumed.png || return 1
    sleep "$2"
    began=$SECONDS
    kill -9 "$(pgrep -P $pid | sed -n "$1p")"
    wait $pid && { echo "status 0"; return 1; }
    [ $((SECONDS - began)) -le 5 ] || { echo "it took $((SECONDS - began)) s"; return 1; }
    [ "$(grep -c "process .* has died" "$tmp/err")" -eq 1 ] || { cat "$tmp/err"; return 1; }
    [ -e "$tmp/resumed.png" ] && return 1
    resumes 2 0
}
paint 2 whole.png --iterations 90 --anew
for delay in 0.0 0.6; do
    claim "a process that is killed ends all in seconds, and the checkpoint leads to the same picture ($delay)" \
        killed 2 $delay
done
claim "so does the first one" killed 1 0.2

alone() { # mpirun leaves the others alone, as srun may
    begin 2 resumed.png || return 1
    local ranks
    ranks=$(pgrep -P $pid)
    kill -STOP $pid
    kill -9 "$(echo "$ranks" | sed -n 2p)"
    sleep 2
    [ "$(ps -o stat= -p "$(echo "$ranks" | sed -n 1p)" | cut -c 1)" = Z ] || { echo "it waits"; return 1; }
    kill -CONT $pid
    wait $pid
    grep -q "process 1 has died" "$tmp/err"
}
claim "it ends them also where nobody else does" alone

stopped() { # as Slurm asks: each of them
    begin 2 resumed.png || return 1
    kill -TERM $(pgrep -P $pid)
    wait $pid
    [ $? -eq 143 ] && grep -q "stopped at iteration" "$tmp/err" && [ -e "$tmp/run/parts" ] ||
        { cat "$tmp/err"; return 1; }
}
others() { # RANKS
    stopped && paint "$1" resumed.png --iterations 90 --run-dir "$tmp/run" && grep -q "goes on from" "$tmp/lines" &&
        [ -e "$tmp/resumed.png" ]
}
claim "SIGTERM: a checkpoint and 143; one process goes on" others 1
claim "so do four" others 4

damaged() {
    stopped || return 1
    local part
    part=$(ls "$tmp/run/part-"*-0)
    printf X | dd of="$part" bs=1 seek=5000 conv=notrunc 2>/dev/null
    ! paint 2 resumed.png --iterations 90 --run-dir "$tmp/run" >/dev/null && grep -q "part-.* is damaged" "$tmp/err"
}
claim "a damaged part is told, not painted from" damaged

foreign() {
    stopped || return 1
    ! "$strata" resume "$tmp/run" 2>"$tmp/err" && grep -q "strata-mpi goes on with it" "$tmp/err"
}
claim "strata resume leaves it to strata-mpi" foreign

refused() { # one sentence, by one process
    ! timeout 60 mpirun --oversubscribe -n 2 "$build/strata-mpi" "$@" 2>"$tmp/err" >/dev/null &&
        [ "$(grep -c '^strata-mpi: ' "$tmp/err")" -eq 1 ]
}
claim "what is wrong is said once" refused --content "$tmp/none.png" --styles assets/night.jpg --output "$tmp/x.png"
claim "an option that does not exist, too" refused --nonsense
verdict
