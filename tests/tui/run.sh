#!/usr/bin/env bash
# run.sh: plays the key scripts and compares what they print with the .screen beside them. A line
# `#env NAME=VALUE ...` sets the environment, `#options ...` are strata's, `#folder` has the script played in a folder of odd
# file names, `#history` with a few pictures in the history. UPDATE=1 writes the screens anew. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
strata=$(realpath "${STRATA:-build/strata}") here=$PWD
tmp=$(mktemp -d /tmp/strata-tui.XXXXXX) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

make_folder() {
    mkdir -p "$tmp/in/folder" && cd "$tmp/in" || exit 1
    local name
    for name in 'picture 2.jpg' 'picture 10.jpg' '星月夜.png' $'red\033[31m.png' $'line\nbreak.png' \
        'a-name-that-is-much-longer-than-the-list-is-wide-and-goes-on-and-on.jpeg' .hidden.png notes.txt; do
        head -c 1234 /dev/zero >"$name"
        touch -d '2024-05-06 12:00 UTC' "$name"
    done
    sed "s|\.\./\.\./assets|$tmp/in|" "$here/tests/tui/desk.ini" >desk.ini
    touch -d '2024-05-06 12:00 UTC' folder .
    cd "$here" || exit 1
}

node() { # NUMBER PARENT ITERATION LOSS DIFFERS [LINE...]
    local folder=$tmp/.history/strata/history/20231114-22132$1-000
    mkdir -p "$folder" && cp "$tmp/in/desk.ini" "$folder/job.ini" || exit 1
    {
        printf 'parent = %s\niteration = %s\ntotal = %s\n' "${2:+20231114-22132$2-000}" "$3" "$4"
        printf 'time = 170000000%s\nwidth = 640\nheight = 480\npicture = picture.png\n' "$1"
        printf 'bytes = 5000000\ntitle = coast.jpg with starry-night.jpg and more\ndiffers = %s\n' "$5"
        printf '%s\n' "${@:6}"
    } >"$folder/node.ini"
}

make_history() {
    node 0 '' 300 3.1e5 ''
    node 1 0 300 2.9e5 'relu2_1 blank'
    node 2 1 150 3.4e5 '' 'snapshot = 1'
    node 3 1 300 2.8e5 'relu4_1 waves.jpg 1/4 weight 1 → 0.5, style_weight 500 → 5000' 'starred = 1'
    node 4 0 300 4.2e5 'style_weight 500 → 200' 'name = more of the coast'
    node 5 '' 100 9.9e5 ''
}

play() { # SCRIPT
    local environment options job=tests/tui/desk.ini state=$tmp/nothing
    grep -q '^#history$' "$1" && state=$tmp/.history
    environment=$(sed -n 's/^#env //p' "$1")
    options=$(sed -n 's/^#options //p' "$1")
    grep -q '^#folder$' "$1" && job=$tmp/in/desk.ini
    env -u NO_COLOR -u COLORTERM -u XTERM_VERSION -u STRATA_MARKS LC_ALL=C.UTF-8 TERM=xterm-256color TZ=UTC \
        XDG_STATE_HOME=$state $environment \
        "$strata" --script "$1" $options "$job" 2>&1 | sed "s|$tmp|/tmp/strata-tui.folder|"
}

make_folder
make_history
for script in tests/tui/*.keys; do
    screen=${script%.keys}.screen
    play "$script" >"$tmp/screen"
    [ "${UPDATE:-}" ] && cp "$tmp/screen" "$screen"
    if cmp -s "$tmp/screen" "$screen"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $(basename "${script%.keys}" | tr _ ' ')"
        diff "$screen" "$tmp/screen" | head -n 20
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
