#!/usr/bin/env bash
# neural_style.sh: `strata neural-style` and its page: the page's command lines, made small, and the page's
# options. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
case $strata in /*) ;; *) strata=$PWD/$strata ;; esac
old=$PWD/tests/data/weights/old.mat
page=$PWD/docs/neural-style.md
export XDG_STATE_HOME=$tmp/state XDG_DATA_HOME=$tmp/data
mkdir -p "$tmp/examples" "$tmp/results" || exit 1
for pair in coast:1-content night:1-style dots:2-content glass:2-style1 woodcut:2-style2; do
    cp "assets/${pair%:*}.jpg" "$tmp/examples/${pair#*:}.jpg" || exit 1
done
cp tests/ref/tiny.safetensors "$tmp" && cd "$tmp" || exit 1
small="--width 32 --iterations 6 --network tiny.safetensors --threads 1"

command -v gnuplot >/dev/null && plots=yes || plots=

is_jpeg() { [ "$(head -c 2 "$1" | od -An -tx1)" = " ff d8" ]; }

# Each with its pictures: the output, and what it names besides.
every_line_paints() {
    local line words output count=0
    while IFS= read -r line; do
        [ "$plots" ] || line=${line/ --progress-plot/}
        eval "words=(${line#strata })"
        output=$(sed -nE 's/.* --out(put)? ([^ ]+).*/\2/p' <<<"$line")
        status 0 "$strata" "${words[@]}" $small && is_jpeg "$output" || { echo "$line"; return 1; }
        count=$((count + 1))
    done < <(sed -n '/^```sh$/,/^```$/{/^strata /p}' "$page")
    [ "$count" -ge 12 ]
}

names_are_the_original_s() {
    local names='foo_00000 foo_00004 foo_00006 bar_00000 bar_00004 bar_00006 baz_0 baz_4 baz_6' name
    for name in $names; do is_jpeg "results/$name.jpg" || { echo "$name"; return 1; }; done
    [ "$(ls results/foo_* results/bar_* results/baz_* | wc -l)" -eq 9 ]
}

# Rows 0, 2, 4 and the last, 6; five columns; the sum of the losses is the total.
log_is_the_original_s() {
    [ "$(head -n 1 results/progress.txt)" = '# itr content style tv total' ] &&
        [ "$(awk 'NR > 1 { printf "%d ", $1 }' results/progress.txt)" = '0 2 4 6 ' ] &&
        awk 'NR > 1 && (NF != 5 || ($2 + $3 + $4 - $5) ^ 2 > ($5 * 1e-6) ^ 2) { exit 1 }' results/progress.txt &&
        { [ -z "$plots" ] || [ "$(head -c 4 results/progress.png | tail -c 3)" = PNG ]; }
}

# Five styles, too, act on all layers; nothing else differs from the classic schedule.
is_the_classic_schedule() {
    local styles="examples/1-style.jpg examples/2-style1.jpg examples/2-style2.jpg examples/2-content.jpg examples/1-content.jpg"
    status 0 "$strata" neural-style --content examples/1-content.jpg --styles $styles --output five.png $small &&
        mv five.png a.png &&
        status 0 "$strata" run --schedule classic --blend --content examples/1-content.jpg --styles $styles --output five.png $small &&
        cmp a.png five.png &&
        status 0 "$strata" neural-style --content examples/1-content.jpg --styles $styles --output d.png --network tiny.safetensors \
            --width 32 --iterations 0 && grep -aq '^style_weight = 500$' d.png && grep -aq '^optimizer = adam$' d.png &&
        grep -aq '^learning_rate = 10$' d.png && grep -aq '^pyramid = off$' d.png && grep -aq '^initial = noise$' d.png
}

ignores_the_user_s_settings() {
    mkdir -p set/strata && printf '[job]\nstyle_weight = 7\ntv_weight = 3\niterations = 2\n' >set/strata/config.ini
    status 0 env XDG_CONFIG_HOME="$tmp/set" "$strata" neural-style --content examples/1-content.jpg \
        --styles examples/1-style.jpg --output set.png --network tiny.safetensors --width 16 --iterations 0 &&
        grep -aq '^style_weight = 500$' set.png && grep -aq '^tv_weight = 100$' set.png
}

begins_with_the_content_for_a_share_of_noise() {
    status 0 "$strata" neural-style --content examples/1-content.jpg --styles examples/1-style.jpg --output n.png \
        --initial-noiseblend 0.3 --network tiny.safetensors --width 16 --iterations 0 && grep -aq '^initial = content$' n.png
}

# The page's table has every option that the program knows, and no other.
page_has_the_options() {
    "$strata" neural-style --help | sed -n 's/^ \{2,6\}\(-., \)\{0,1\}\(--[a-z0-9-]*\).*/\2/p' | sort >known
    sed -n '/^## Options/,/^They/p' "$page" | grep '^| `' | cut -d'|' -f2 | grep -oE -- '--[a-z0-9-]+' | sort >told
    [ "$(wc -l <known)" -eq 27 ] && diff known told
}

says_what_is_missing() {
    status 2 "$strata" neural-style --styles examples/1-style.jpg && grep -q 'missing: --content, --output;' err &&
        status 2 "$strata" neural-style photo.jpg && grep -q 'photo.jpg stands behind no option' err &&
        status 2 "$strata" neural-style --st 3 && grep -q -- '--st is short for --styles' err
}

# The file that the original asks for is not here; one of another name is.
finds_a_network() {
    local line="--content examples/1-content.jpg --styles examples/1-style.jpg --width 16 --iterations 0"
    status 0 "$strata" neural-style $line --output none.png && grep -q 'strata16 paints instead; .*fetch vgg19' err &&
        status 2 "$strata" neural-style $line --output no.png --network imagenet-vgg-verydeep-19.mat &&
        grep -q 'weights import FILE.*weights fetch vgg19' err && [ ! -e no.png ] || return 1
    mkdir -p data/strata && cp tiny.safetensors data/strata/vgg19.safetensors
    status 0 "$strata" neural-style $line --output vgg.png && [ ! -s err ] && grep -aq '^network = vgg19$' vgg.png &&
        status 0 "$strata" neural-style $line --output named.png --network imagenet-vgg-verydeep-19.mat &&
        grep -aq '^network = vgg19$' named.png || return 1
    cp "$old" brought.mat
    status 0 "$strata" neural-style $line --output first.png --network brought.mat &&
        grep -q 'is imported first, once: strata weights import brought.mat -o ' err &&
        rm brought.mat && status 0 "$strata" neural-style $line --output again.png --network brought.mat &&
        [ ! -s err ] && grep -aq '^network = brought$' again.png
}

claim "every command line of the page paints" every_line_paints
claim "checkpoints are called as the original calls them" names_are_the_original_s
claim "the log has the original's rows and columns" log_is_the_original_s
claim "it is the classic schedule with all styles on all layers" is_the_classic_schedule
claim "what the user has set for new jobs does not count" ignores_the_user_s_settings
claim "a share of noise is mixed into the content" begins_with_the_content_for_a_share_of_noise
claim "the page lists the options that there are" page_has_the_options
claim "what is missing is named at once" says_what_is_missing
claim "networks are found, imported, or missed" finds_a_network
verdict
