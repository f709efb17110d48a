#!/usr/bin/env bash
# jobs.sh: `strata run` of several jobs paints them as each alone would be, goes on after one that
# fails, and says so. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
case $strata in /*) ;; *) strata=$PWD/$strata ;; esac
assets=$PWD/assets
export XDG_STATE_HOME=$tmp/state
mkdir "$tmp/place" && cd "$tmp/place" || exit 1

write() { # NAME [KEY VALUE]: a small job, NAME.ini, of NAME.png
    { echo "[job]" && printf '%s\n' "content = $assets/coast.jpg" "styles = $assets/night.jpg" "network = random:4" \
        "width = 64" "iterations = 8" "output = $1.png" | grep -v "^${2:-none} =" && echo "${2:+$2 = $3}"; } >"$1.ini"
}

write a
write b style_weight 900
write c content missing.jpg
write d colour red
write same output a.png

paints_all() {
    status 0 "$strata" run a.ini b.ini && [ "$(grep -cE '^[12]/2  [ab].ini  total ' "$tmp/out")" -eq 2 ] &&
        "$strata" run a.ini --output alone.png >/dev/null && "$strata" eval a.ini --image a.png >"$tmp/1" &&
        "$strata" eval a.ini --image alone.png >"$tmp/2" && cmp "$tmp/1" "$tmp/2" && [ -z "$(ls "$tmp"/state/strata/runs | grep queue)" ]
}

goes_on_after_what_fails() {
    rm -f a.png b.png
    status 1 "$strata" run c.ini a.ini d.ini b.ini && [ -e a.png ] && [ -e b.png ] && [ "$(wc -l <"$tmp/out")" -eq 2 ] &&
        grep -q 'c.ini: .*missing.jpg' "$tmp/err" && grep -q 'd.ini.*colour' "$tmp/err" &&
        grep -q '2 of 4 jobs failed, 2 are painted' "$tmp/err" && [ "$(wc -l <"$tmp/err")" -eq 3 ]
}

options_are_for_all() {
    status 0 "$strata" run --iterations 3 a.ini b.ini --overwrite --progress json &&
        [ "$(grep -c '"state":"done".*"iterations":3' "$tmp/out")" -eq 2 ]
}

nothing_is_painted_twice() {
    rm -f a.png b.png
    "$strata" run a.ini b.ini >/dev/null && stat -c %i ./*.png >"$tmp/before" && status 0 "$strata" run a.ini b.ini &&
        [ "$(grep -c 'is there already' "$tmp/out")" -eq 2 ] && stat -c %i ./*.png | cmp - "$tmp/before"
}

one_output_for_two_is_refused() {
    rm -f a.png
    status 2 "$strata" run a.ini same.ini && grep -q 'a.ini and same.ini would both be written to a.png' "$tmp/err" &&
        [ ! -e a.png ] && status 2 "$strata" run a.ini b.ini --output all.png && [ ! -e all.png ] &&
        status 2 "$strata" run a.ini b.ini --run-dir there && grep -q 'run-dir is for one job' "$tmp/err"
}

a_folder_takes_them_all() {
    status 0 "$strata" run a.ini b.ini --output all/ && [ "$(ls all)" = "a.png
b.png" ]
}

a_picture_can_be_a_job() {
    rm -f a.png && cp b.png p.png
    status 1 "$strata" run a.ini p.png && grep -q 'the job in p.png .*--trust-paths' "$tmp/err" && [ -e a.png ] &&
        status 0 "$strata" run a.ini p.png --trust-paths && [ "$(grep -c 'is there already' "$tmp/out")" -eq 2 ]
}

ends_on_a_signal() {
    write long1 iterations 1000000
    write long2 iterations 1000000
    timeout --preserve-status -s INT 2 "$strata" run long1.ini long2.ini >"$tmp/out" 2>"$tmp/err"
    [ $? -eq 130 ] && [ ! -e long1.png ] && grep -q stopping "$tmp/err"
}

claim "several jobs are painted as each alone" paints_all
claim "one that fails does not keep the others from it, and the status says so" goes_on_after_what_fails
claim "options beside them are for all" options_are_for_all
claim "nothing is painted twice" nothing_is_painted_twice
claim "no two may have one output" one_output_for_two_is_refused
claim "an output that is a folder takes them all" a_folder_takes_them_all
claim "a PNG with a job may stand among job files" a_picture_can_be_a_job
claim "a signal ends all" ends_on_a_signal
verdict
