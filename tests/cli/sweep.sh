#!/usr/bin/env bash
# sweep.sh: `strata sweep` paints what is missing and nothing twice, here or by lines for other programs.
# Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
case $strata in /*) ;; *) strata=$PWD/$strata ;; esac
assets=$PWD/assets
export XDG_STATE_HOME=$tmp/state
mkdir "$tmp/place" && cd "$tmp/place" || exit 1

write() { # FILE LINE...: a sweep of small pictures
    printf '%s\n' "[job]" "content = $assets/coast.jpg" "styles = $assets/night.jpg" "network = random:4" "width = 64" \
        "iterations = 12" "[sweep]" "${@:2}" >"$1"
}

sweep() { "$strata" sweep "$@" </dev/null >"$tmp/out" 2>"$tmp/err"; }
stamps() { stat -c '%n %Y %i' "$1"/*=*.png; }
table() { sed 1d "$1/losses.csv"; }
is_sheet() { head -c 4 "$1/sheet.png" | grep -q PNG; }

write w.ini 'relu3_1.weight = 0.5..2*2' 'seed = 1 2'

paints_all_with_sheet_and_table() {
    sweep w.ini && [ "$(ls w | grep -c '=.*png$')" -eq 6 ] && [ "$(table w | grep -c ',done$')" -eq 6 ] &&
        head -n 1 w/losses.csv | grep -q '^name,relu3_1.weight,seed,seconds,iterations,total,content,style,tv,relu1_1,' &&
        is_sheet w && [ ! -e w/.sweep ] && [ "$(grep -c total "$tmp/out")" -eq 6 ]
}

paints_nothing_twice() {
    stamps w >"$tmp/before" && cp w/losses.csv "$tmp/table" && sweep w.ini && grep -q ' 0 of them to be painted' "$tmp/out" &&
        stamps w | cmp - "$tmp/before" && cmp w/losses.csv "$tmp/table" && # from elsewhere, too
        (cd / && sweep "$tmp/place/w.ini") && grep -q ' 0 of them to be painted' "$tmp/out"
}

paints_what_is_missing() {
    stamps w | grep -v 'weight=1,seed=2' >"$tmp/before" && rm "w/relu3_1.weight=1,seed=2.png" && sweep w.ini &&
        grep -q ' 1 of them to be painted' "$tmp/out" && stamps w | grep -v 'weight=1,seed=2' | cmp - "$tmp/before" &&
        [ "$(table w | grep -c ',done$')" -eq 6 ]
}

one_more_value_adds_only_its_runs() {
    stamps w >"$tmp/before" && write w.ini 'relu3_1.weight = 0.25 0.5..2*2' 'seed = 1 2' && sweep w.ini &&
        grep -q '8 runs, 2 of them' "$tmp/out" && stamps w | grep -v 'weight=0.25' | cmp - "$tmp/before"
}

another_jobs_picture_stays() {
    cp "$assets/painted.jpg" "w/relu3_1.weight=1,seed=1.png" && status 1 "$strata" sweep w.ini &&
        grep -q 'weight=1,seed=1.png exists and was not painted by this job; --overwrite' "$tmp/err" &&
        cmp "$assets/painted.jpg" "w/relu3_1.weight=1,seed=1.png" && grep -q ",another job's picture is there$" w/losses.csv &&
        sweep w.ini --overwrite && [ "$(table w | grep -c ',done$')" -eq 8 ]
}

prints_lines_that_paint() {
    write p.ini 'content = "'"$assets"'/coast.jpg" "my picture.jpg"' && cp "$assets/glass.jpg" "my picture.jpg" &&
        "$strata" sweep p.ini --print >"$tmp/lines" && [ "$(wc -l <"$tmp/lines")" -eq 2 ] &&
        PATH=$(dirname "$strata"):$PATH bash -e "$tmp/lines" >/dev/null && "$strata" sweep p.ini --print >"$tmp/lines" &&
        [ ! -s "$tmp/lines" ] && sweep p.ini --sheet && [ "$(table p | grep -c ',done$')" -eq 2 ] && is_sheet p
}

a_failed_run_does_not_end_it() {
    write f.ini "content = $assets/coast.jpg missing.jpg $assets/glass.jpg" && status 1 "$strata" sweep f.ini &&
        grep -q '^strata: content=missing: .*missing.jpg' "$tmp/err" && grep -q '1 of 3 runs failed' "$tmp/err" &&
        [ "$(table f | grep -c ',done$')" -eq 2 ] && table f | grep -q 'missing.jpg: No such file' && is_sheet f
}

tells_in_json() {
    write j.ini 'seed = 1..3' && sweep j.ini --progress json && [ "$(wc -l <"$tmp/out")" -eq 3 ] &&
        [ "$(grep -c '"state":"done".*"total":[0-9].*"relu5_1"' "$tmp/out")" -eq 3 ]
}

is_stopped_and_goes_on() {
    write t.ini 'seed = 1..4' 'iterations = 100000 2' && { "$strata" sweep t.ini --beside 1 >"$tmp/out" 2>"$tmp/err" </dev/null & } &&
        sleep 1.5 && kill -TERM $! && { wait $!; [ $? -eq 143 ]; } && [ ! -e "t/seed=1,iterations=100000.png" ] &&
        grep -q ',not painted yet$' t/losses.csv && write t.ini 'seed = 1..4' 'iterations = 2' && sweep t.ini &&
        [ "$(table t | grep -c ',done$')" -eq 4 ]
}

only_some() {
    write o.ini 'seed = 1..6' && sweep o.ini --only 2-3,6 && [ "$(ls o | grep -c '=')" -eq 3 ] && [ -e o/seed=6.png ] &&
        [ ! -e o/sheet.png ] && status 2 "$strata" sweep o.ini --only 7 && grep -q 'of runs 1 to 6' "$tmp/err"
}

refuses_with_sentences() {
    write bad.ini 'relu3_1.weigth = 1 2' && status 2 "$strata" sweep bad.ini &&
        grep -q 'bad.ini:8: relu3_1.weigth: .*did you mean relu3_1.weight?' "$tmp/err" &&
        status 2 "$strata" sweep && status 2 "$strata" sweep w.ini --print --sheet && status 2 "$strata" sweep w.ini -- --partition=x &&
        status 2 "$strata" sweep "$assets/exp2.ini" && grep -q 'no section \[sweep\]' "$tmp/err" &&
        status 0 "$strata" sweep --help && grep -q 'random_seed' "$tmp/out"
}

claim "a sweep paints all of its runs, a sheet and a table" paints_all_with_sheet_and_table
claim "a second time it paints nothing, from whatever folder" paints_nothing_twice
claim "it paints what is missing" paints_what_is_missing
claim "one more value in the file paints no more than its runs" one_more_value_adds_only_its_runs
claim "the picture of another job stays, unless --overwrite" another_jobs_picture_stays
claim "--print gives lines that a shell runs, and only those missing" prints_lines_that_paint
claim "a run that fails does not end the others, and is told of" a_failed_run_does_not_end_it
claim "--progress json is a line for each run" tells_in_json
claim "a signal ends it with nothing half done, and it goes on" is_stopped_and_goes_on
claim "--only paints some, without sheet and table" only_some
claim "what is wrong is refused with a sentence" refuses_with_sentences
verdict
