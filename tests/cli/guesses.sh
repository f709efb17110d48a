#!/usr/bin/env bash
# guesses.sh: what people type first does what they hope, or says what they meant. Ends with "N passed,
# N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
case $strata in /*) ;; *) strata=$PWD/$strata ;; esac
export XDG_STATE_HOME=$tmp/state
small="-n random:4 -w 32 -i 2"
cp assets/*.jpg assets/*.ini "$tmp" && cd "$tmp" || exit 1

is_png() { [ "$(head -c 4 "$1" | tail -c 3)" = PNG ]; }
says() { # PATTERN: in one line on stderr
    [ "$(wc -l <err)" -eq 1 ] && grep -q -- "$1" err || { cat err; false; }
}

paints_in_one_style_or_five() {
    status 0 "$strata" run coast.jpg glass.jpg -o one.png $small && is_png one.png &&
        status 0 "$strata" run coast.jpg -o five.png $small --styles night.jpg glass.jpg dots.jpg \
            woodcut.jpg marbling.jpg && is_png five.png && mv five.png options.png &&
        status 0 "$strata" run coast.jpg night.jpg glass.jpg dots.jpg woodcut.jpg marbling.jpg $small -o five.png &&
        cmp five.png options.png
}

names_all_that_is_missing() {
    status 2 "$strata" run && says 'no content and no style; strata run CONTENT.jpg STYLE.jpg' &&
        status 2 "$strata" run coast.jpg && says 'there is no style; strata run CONTENT.jpg' &&
        status 2 "$strata" run --styles glass.jpg -w 9 && says 'there is no content; strata run'
}

shipped_jobs_paint_here() {
    local place=$tmp/shipped mine=$tmp/mine
    mkdir "$place" "$mine" && cp demo.ini "$place/demo.ini" && cp -- *.jpg "$place" && chmod 555 "$place" || return 1
    if [ "$(id -u)" = 0 ]; then # whom no folder is closed to
        chown -R 65534 "$mine"
        cp "$strata" "$tmp/program" # which may lie where only root may look
        (cd "$mine" && as="setpriv --reuid=65534 --regid=65534 --clear-groups env XDG_STATE_HOME=$mine XDG_CACHE_HOME=$mine"
            chmod 711 "$tmp" && $as "$tmp/program" run "$place/demo.ini" $small) >out 2>err
    else
        (cd "$mine" && "$strata" run "$place/demo.ini" $small) >out 2>err
    fi || { cat err; return 1; }
    is_png "$mine/demo.png" && [ ! -e "$place/demo.png" ] &&
        says 'demo.png goes into the working directory, since .*shipped/demo.ini lies'
}

lists_end_at_letters() {
    status 0 "$strata" run --content coast.jpg --styles glass.jpg night.jpg -o two.png $small && is_png two.png
}

caps_threads() {
    status 0 "$strata" run coast.jpg glass.jpg $small --threads 900 -o threads.png &&
        says '^strata: 900 threads would wait for each other on [0-9]* core'
}

tells_what_was_meant() {
    touch x.pth y.mat
    status 2 "$strata" run coast.jpg glass.jpg -o n.png -n x.pth && says 'run `strata weights import x.pth` first' &&
        status 2 "$strata" run coast.jpg glass.jpg -o n.png -n y.mat && says '`strata weights import y.mat`' &&
        status 2 "$strata" run coast.jpg glass.jpg -o n.png -n no.mat && says 'no file no.mat; .*weights import' &&
        status 2 env XDG_DATA_HOME="$tmp/none" "$strata" run coast.jpg glass.jpg -o n.png -n vgg19 &&
        says 'not here yet; `strata weights fetch vgg19` brings it' &&
        status 2 "$strata" run coast.jpg glass.jpg -o n.gif && says 'n.gif: .gif is not written; .*\.png, ' &&
        status 2 "$strata" run https://example.org/a.jpg glass.jpg && says 'an address, and only files are read' &&
        status 2 "$strata" run coast.jpg https://example.org/a.jpg -o n.png && says 'an address, and only files' &&
        status 2 "$strata" run coast.jpg glass.jpg --style-crops 1 1/2 1/4 && says '--style-crops: 3 given for 5 layers' &&
        status 2 "$strata" run coast.jpg glass.jpg -i -5 && says '--iterations: -5 lies outside 0 to 10000000' &&
        status 2 "$strata" run coast.jpg glass.jpg -n random:4 -o n.png --memory 9M && says 'even width [0-9]* needs [0-9]* MB' &&
        status 2 "$strata" run exp2.ini coast.jpg && says 'exp2.ini --content coast.jpg' && [ ! -e n.png ]
}

claim "a content and one style, or five" paints_in_one_style_or_five
claim "all that is missing is named at once, with what to type" names_all_that_is_missing
claim "a job in a folder that is not for results paints into the working directory" shipped_jobs_paint_here
claim "a list of styles ends at an option of one letter" lists_end_at_letters
claim "more threads than are of use are not started, and it is said" caps_threads
claim "a sentence says what to type instead" tells_what_was_meant
verdict
