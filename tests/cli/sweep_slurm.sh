#!/usr/bin/env bash
# sweep_slurm.sh: `strata sweep --slurm` on a real slurmctld and two slurmd: of 24 runs one task is killed and one
# node drained on the way; run again, only the missing ones are painted. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
case $strata in /*) ;; *) strata=$PWD/$strata ;; esac
assets=$PWD/assets slurm=$PWD/tests/slurm
PATH=$PATH:/usr/sbin:/sbin
export XDG_STATE_HOME=$tmp/state
"$slurm/start.sh" "$tmp/slurm" 2 >"$tmp/start" 2>&1
case $? in
    0) ;;
    77)
        cat "$tmp/start" # which says why
        echo "[  SKIPPED ] 5 test"
        claim "where there is no Slurm nothing is claimed" true
        verdict
        exit
        ;;
    *)
        claim "Slurm comes up" cat "$tmp/start" /dev/stdin/none
        verdict
        exit 1
        ;;
esac
watcher=
trap '[ -n "$watcher" ] && kill "$watcher" 2>/dev/null; "$slurm/stop.sh" "$tmp/slurm" >/dev/null 2>&1; rm -rf "$tmp"' EXIT
. "$tmp/slurm/env"
cd "$tmp" || exit 1

# Runs of about a second each.
printf '%s\n' "[job]" "content = $assets/coast.jpg" "styles = $assets/night.jpg" "network = random:4" "width = 96" \
    "schedule = classic" "iterations = 250" "[sweep]" "output = a 'place' of \$its own" "relu3_1.weight = 0.25..8*2" \
    "seed = 1..4" >s.ini
place="a 'place' of \$its own"

painted() { ls "$place" | grep -c '=.*png$'; }
stamps() { (cd "$place" && stat -c '%n %Y %i' ./*=*.png); }

until_painted() { # COUNT
    for _ in $(seq 600); do
        [ "$(painted)" -ge "$1" ] && return
        sleep 0.1
    done
    echo "$(painted) are painted, not $1"
    cat ./*.out ./*.err "$place"/.sweep/slurm/*.log
    return 1
}

ends() { # STATUS
    wait "$watcher"
    local got=$?
    watcher=
    [ "$got" -eq "$1" ] || { echo "status $got, not $1"; cat ./*.out ./*.err; return 1; }
}

submits_and_stops_watching() {
    "$strata" sweep s.ini --slurm --pack 2 -- --cpus-per-task=1 >first 2>first.err </dev/null & watcher=$!
    until_painted 2 && kill -TERM $watcher && ends 143 && grep -q 'submitted array .*, tasks 1-12 of 2 runs' first &&
        [ -n "$(squeue -h)" ]
}

loses_a_task_and_a_node() {
    local id task
    "$strata" sweep s.ini --slurm >second 2>second.err </dev/null & watcher=$!
    id=$(squeue -h -o %F | sort -u) && [ "$(echo "$id" | wc -l)" -eq 1 ] &&
        task=$(squeue -h -t running -o %K | sort -n | tail -n 1) && scancel --full --signal=KILL "${id}_$task" &&
        scontrol update nodename=node2 state=drain reason=tried && ends 1 && grep -q "array $id of this sweep is there" second &&
        ! grep -q submitted second && grep -q 'of 24 runs are missing; the same command' second.err &&
        [ "$(painted)" -lt 24 ] && [ "$(painted)" -ge 20 ] && [ "$(grep -c ',done$' "$place/losses.csv")" -eq "$(painted)" ]
}

paints_only_what_is_missing() {
    local missing=$((24 - $(painted)))
    scontrol update nodename=node2 state=resume && stamps >before &&
        "$strata" sweep s.ini --slurm --pack 2 >third 2>third.err </dev/null && grep -q submitted third &&
        stamps | grep -Fxf before | cmp - before && [ "$(stamps | grep -vcFxf before)" -eq "$missing" ]
}

has_all() {
    [ "$(painted)" -eq 24 ] && [ "$(grep -c ',done$' "$place/losses.csv")" -eq 24 ] && [ "$(wc -l <"$place/losses.csv")" -eq 25 ] &&
        head -c 4 "$place/sheet.png" | grep -q PNG && "$strata" sweep s.ini --slurm >fourth 2>&1 && ! grep -q submitted fourth
}

fails_with_a_reason() { # a run that cannot be painted is told of by what its task said
    printf '%s\n' "[job]" "styles = $assets/night.jpg" "network = random:4" "width = 64" "iterations = 2" "[sweep]" \
        "content = $assets/coast.jpg nowhere.jpg" >f.ini
    status 1 "$strata" sweep f.ini --slurm && grep -q 'content=nowhere: .*nowhere.jpg: No such file' "$tmp/err" &&
        status 1 "$strata" sweep f.ini --slurm -- --partition=none && grep -q 'sbatch failed: .*partition' "$tmp/err"
}

claim "a sweep is one array, which goes on when nobody watches" submits_and_stops_watching
claim "a second call watches it, and tells what a killed task and a drained node leave" loses_a_task_and_a_node
claim "run again, only what is missing is painted" paints_only_what_is_missing
claim "then sheet and table have all runs, and nothing is submitted any more" has_all
claim "what a task or sbatch says is handed on" fails_with_a_reason
verdict
