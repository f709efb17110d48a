#!/usr/bin/env bash
# compare.sh: `strata compare` says what pictures differ in, and puts them on one sheet. Ends with "N
# passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
case $strata in /*) ;; *) strata=$PWD/$strata ;; esac
assets=$PWD/assets
export XDG_STATE_HOME=$tmp/state
mkdir "$tmp/place" && cd "$tmp/place" || exit 1

paint() { # NAME OPTIONS...
    "$strata" run --content "$assets/coast.jpg" --width 64 --network random:4 \
        --iterations 8 --output "$1.png" "${@:2}" >/dev/null
}

compare() { "$strata" compare "$@" </dev/null >"$tmp/out" 2>"$tmp/err"; }
row() { sed -n "s/^$1  *//p" "$tmp/out" | tr -s ' ' | sed 's/ $//'; } # the cells of the row of that name
size() { od -An -tu1 -j16 -N8 "$1" | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }'; }
cp "$assets/night.jpg" . && paint a --styles night.jpg && paint b --styles night.jpg --style-weight 900 &&
    paint c --styles blank night.jpg night.jpg night.jpg night.jpg
cp "$assets/coast.jpg" "$assets/painted.jpg" .

the_table_has_what_differs() {
    compare a.png b.png && [ "$(row style_weight)" = "5000 900" ] && [ "$(grep -c '^[a-z_]* *[0-9]' "$tmp/out")" -eq 1 ] &&
        for loss in total content style tv relu1_1 relu5_1; do [ "$(row "loss $loss" | wc -w)" -eq 2 ] || return 1; done
    compare a.png c.png && [ "$(row relu1_1)" = "night.jpg blank" ] && [ -z "$(row style_weight)" ]
}

losses_are_those_that_the_run_ended_at() {
    compare a.png b.png && "$strata" run a.png --trust-paths --output again.png --progress json >"$tmp/json" &&
        awk -v a="$(row 'loss total' | cut -d' ' -f1)" -v b="$(tail -n 1 "$tmp/json" | sed 's/.*"total":\([^,]*\),.*/\1/')" \
            'BEGIN { d = a / b - 1; exit !(d < 0.006 && d > -0.006) }'
}

the_caption_is_the_difference() { # a sheet with it is taller than one of the same jobs, and other
    cp a.png same.png && compare a.png same.png -o 1.png && compare a.png b.png -o 2.png && grep -q '^1.png: 2 pictures' <(
        compare a.png same.png -o 1.png --overwrite && cat "$tmp/out") && grep -q 'their jobs are the same' "$tmp/out" &&
        ! cmp -s 1.png 2.png && compare a.png c.png b.png -o 3.png &&
        [ "$(size 3.png | cut -d' ' -f1)" -gt "$(size 1.png | cut -d' ' -f1)" ] &&
        [ "$(size 3.png | cut -d' ' -f2)" -ge "$(size 1.png | cut -d' ' -f2)" ]
}

pictures_without_jobs_have_names() {
    compare coast.jpg painted.jpg && grep -q 'none of these has a job' "$tmp/out" &&
        compare a.png coast.jpg && [ "$(row 'loss total' | cut -d' ' -f2)" = - ] && grep -q 'one alone of these' "$tmp/out"
}

captions_of_one_s_own_are_one_for_each() {
    compare a.png b.png -o 4.png --caption plain --caption strong && compare a.png b.png -o 5.png --caption plain \
        --caption other && ! cmp -s 4.png 5.png && [ "$(size 4.png)" = "$(size 5.png)" ] &&
        status 2 "$strata" compare a.png b.png -o 6.png --caption alone && grep -q '1 given, there are 2' "$tmp/err"
}

no_sheet_replaces_another() {
    rm -f compare*.png && compare a.png b.png && compare a.png b.png && [ -e compare-2.png ] &&
        status 2 "$strata" compare a.png b.png -o compare.png && grep -q 'compare.png' "$tmp/err" &&
        status 0 "$strata" compare a.png b.png -o compare.png --overwrite &&
        status 2 "$strata" compare a.png b.png -o b.png --overwrite && grep -q 'one of the pictures' "$tmp/err" &&
        status 2 "$strata" compare a.png b.png -o sheet.jpg && [ ! -e sheet.jpg ]
}

what_is_broken_is_one_sentence() {
    head -c 3000 a.png >cut.png && echo no >not.png
    for bad in cut.png not.png missing.png .; do
        rm -f compare*.png
        status 2 "$strata" compare a.png "$bad" && [ "$(wc -l <"$tmp/err")" -eq 1 ] && [ ! -s "$tmp/out" ] &&
            [ ! -e compare.png ] || { cat "$tmp/err"; return 1; }
    done
    status 2 "$strata" compare a.png && status 2 "$strata" compare
}

can_be_drawn_in_letters() {
    compare a.png b.png --graphics ascii && [ "$(wc -l <"$tmp/out")" -gt 20 ]
}

claim "the table has what differs, and nothing else" the_table_has_what_differs
claim "losses are those that the run ended at" losses_are_those_that_the_run_ended_at
claim "the caption is the difference" the_caption_is_the_difference
claim "pictures without jobs have names" pictures_without_jobs_have_names
claim "captions of one's own are one for each" captions_of_one_s_own_are_one_for_each
claim "no sheet replaces another" no_sheet_replaces_another
claim "what is broken is one sentence" what_is_broken_is_one_sentence
claim "the sheet can be drawn in letters" can_be_drawn_in_letters
verdict
