#!/usr/bin/env bash
# presets.sh: what `strata presets` lists is what lies in assets/presets, each can be begun with, and
# is a job that says what it teaches. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
case $strata in /*) ;; *) strata=$PWD/$strata ;; esac
assets=$PWD/assets
export XDG_STATE_HOME=$tmp/state XDG_CONFIG_HOME=$tmp/config
mkdir "$tmp/place" && cd "$tmp/place" || exit 1
cp "$assets/coast.jpg" photo.jpg

listed() { "$strata" presets | sed -n 's/^  \([a-z]\S*\) .*/\1/p'; }
files() { (cd "$assets/presets" && ls ./*.ini | sed 's|^\./||; s/\.ini$//'); }
paint() { "$strata" run --network random:4 --width 64 --iterations 3 "$@" >"$tmp/out" 2>"$tmp/err"; }

lists_the_files() { [ "$(listed)" = "$(files)" ] && [ "$(listed | wc -l)" -eq 6 ]; }

says_what_they_teach() {
    for file in "$assets"/presets/*.ini "$assets"/exp?*.ini "$assets"/control.ini; do
        head -n 1 "$file" | grep -q '^; .*[a-z]' || { echo "$file"; return 1; }
    done
    for file in "$assets"/presets/*.ini; do
        "$strata" presets | tr -s ' \n' ' ' | grep -qF "$(head -n 1 "$file" | cut -c 3-)" || return 1
    done
}

begins_with_each() {
    for name in $(files) control exp1 exp3d; do
        rm -f photo-strata.png && paint --preset "$name" photo.jpg && [ -e photo-strata.png ] || { cat "$tmp/err"; return 1; }
    done
}

has_the_preset_s_settings() {
    rm -f ./*.png && paint --preset watercolour photo.jpg -o a.png && "$strata" run "$assets/presets/watercolour.ini" \
        --content photo.jpg --network random:4 --width 64 --iterations 3 -o b.png >/dev/null &&
        "$strata" compare a.png b.png | grep -q 'their jobs are the same'
}

options_and_styles_win() {
    rm -f ./*.png && paint --preset glass photo.jpg "$assets/night.jpg" --style-weight 7 -o a.png &&
        paint --preset glass photo.jpg -o b.png && "$strata" compare b.png a.png >"$tmp/out" &&
        grep -q '^style_weight *10000 *7 *$' "$tmp/out" && grep -q '^styles *glass.jpg *night.jpg *$' "$tmp/out" &&
        ! grep -q weight: "$tmp/out" && ! grep -q relu5_1.weight "$tmp/out"
}

knows_the_user_s_own() {
    mkdir -p "$tmp/config/strata/presets"
    printf '; quiet\n\n[job]\nstyle_weight = 77\n' >"$tmp/config/strata/presets/mine.ini"
    "$strata" presets | grep -q '^  mine  *quiet$' && rm -f ./*.png && paint --preset mine photo.jpg "$assets/night.jpg" -o a.png &&
        paint photo.jpg "$assets/night.jpg" -o b.png && "$strata" compare a.png b.png | grep -q '^style_weight *77 *5000'
}

refuses_in_a_sentence() {
    status 2 "$strata" run --preset nix photo.jpg && grep -q 'no preset nix; strata presets' "$tmp/err" &&
        status 2 "$strata" run --preset ../coast photo.jpg && status 2 "$strata" run "$assets/exp2.ini" --preset glass &&
        [ "$(wc -l <"$tmp/err")" -eq 1 ]
}

claim "the list is the files" lists_the_files
claim "each says what it teaches" says_what_they_teach
claim "each can be begun with" begins_with_each
claim "a photograph is painted with the preset's settings" has_the_preset_s_settings
claim "options and styles beside it win" options_and_styles_win
claim "the user's own are listed, and taken" knows_the_user_s_own
claim "what is no preset is refused in a sentence" refuses_in_a_sentence
verdict
