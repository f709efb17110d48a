#!/usr/bin/env bash
# run.sh: what `strata run` and `strata eval` promise on the command line, on the demo pictures made
# small. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
case $strata in /*) ;; *) strata=$PWD/$strata ;; esac
export XDG_STATE_HOME=$tmp/state # where pictures go that find no place

paint() { # OPTIONS...: a small quick run
    timeout 120 "$strata" run --content assets/coast.jpg --styles assets/glass.jpg --width 64 \
        --network random:4 --iterations 6 "$@"
}

is_png() { [ "$(head -c 4 "$1" | tail -c 3)" = PNG ]; }
same() { cmp "$1" "$2"; }

repeats_from_its_own_job() {
    paint --output "$tmp/a.png" >/dev/null &&
        "$strata" run "$tmp/a.png" --trust-paths --output "$tmp/b.png" >/dev/null && is_png "$tmp/a.png" || return 1
    "$strata" eval "$tmp/a.png" --trust-paths --image "$tmp/a.png" >"$tmp/la" &&
        "$strata" eval "$tmp/a.png" --trust-paths --image "$tmp/b.png" >"$tmp/lb" && same "$tmp/la" "$tmp/lb"
}

keeps_what_exists() {
    echo precious >"$tmp/keep.png"
    status 2 paint --output "$tmp/keep.png" && [ "$(cat "$tmp/keep.png")" = precious ] &&
        grep -q overwrite "$tmp/err"
}

replaces_when_told() {
    echo old >"$tmp/old.png"
    status 0 paint --output "$tmp/old.png" --overwrite && is_png "$tmp/old.png"
}

never_paints_over_its_content() {
    cp assets/coast.jpg "$tmp/mine.jpg"
    status 2 paint --content "$tmp/mine.jpg" --output "$tmp/mine.jpg" --overwrite &&
        same assets/coast.jpg "$tmp/mine.jpg"
}

stops_on() { # SIGNAL STATUS [TIMES]
    rm -f "$tmp/stop.png" "$tmp/lines"
    local guard="timeout -s KILL 60"
    case $1 in XCPU | USR1) guard= ;; esac # which timeout would not pass on
    set -m # or the shell has its background programs ignore SIGINT
    $guard "$strata" run --content assets/coast.jpg --styles assets/glass.jpg --width 64 --network random:4 \
        --iterations 1000000 --anew --output "$tmp/stop.png" --progress json >"$tmp/lines" 2>&1 &
    local pid=$! n got
    set +m
    for n in $(seq 300); do
        grep -qs '"iteration": *3,' "$tmp/lines" && break
        sleep 0.1
    done
    for n in $(seq "${3:-1}"); do
        kill -s "$1" "$pid"
        sleep 0.01
    done
    wait "$pid"
    got=$?
    [ "$got" -eq "$2" ] && is_png "$tmp/stop.png" || { echo "status $got"; return 1; }
}

writes_checkpoints() {
    status 0 paint --output "$tmp/c.png" --checkpoint-output "$tmp/at-{}.png" --checkpoint-iterations 2 &&
        is_png "$tmp/at-2.png" && is_png "$tmp/at-4.png" && [ ! -e "$tmp/at-6.png" ]
}

speaks_json() {
    status 0 paint --output "$tmp/j.png" --progress json || return 1
    [ "$(wc -l <"$tmp/out")" -eq 7 ] && [ ! -s "$tmp/err" ] &&
        [ "$(grep -c '^{"iteration": *[0-6],.*"style_layers": *{.*}}$' "$tmp/out")" -eq 7 ]
}

speaks_plainly_in_a_pipe() {
    status 0 paint --output "$tmp/p.png" || return 1
    grep -q '^iteration 0/6 ' "$tmp/out" && grep -q '^iteration 6/6 ' "$tmp/out" &&
        ! grep -q "$(printf '\033')" "$tmp/out" "$tmp/err"
}

logs_and_plots() { # a plot needs gnuplot, without which it is refused
    if ! command -v gnuplot >/dev/null; then
        status 2 paint --output "$tmp/l.png" --progress-plot && grep -q 'gnuplot-nox' "$tmp/err"
        return
    fi
    status 0 paint --output "$tmp/l.png" --progress-write --progress-plot &&
        [ "$(grep -c . "$tmp/l.progress.txt")" -ge 8 ] && is_png "$tmp/l.progress.png"
}

# With L-BFGS on a trial, with Adam, with the content's colours: what eval finds in the file, to the
# digits that are told.
tells_the_losses_of_what_is_saved() {
    local how told found
    for how in "--iterations 7" "--iterations 12 --schedule classic" "--iterations 3 --preserve-colors"; do
        status 0 paint --precision fp32 $how --output "$tmp/saved.png" --overwrite &&
            told=$(sed -n 's/^as saved, cut to 0 to 255:  total \([^ ]*\) .*/\1/p' "$tmp/out") && [ -n "$told" ] &&
            status 0 "$strata" eval "$tmp/saved.png" --trust-paths --image "$tmp/saved.png" &&
            found=$(awk '$1 == "total" { print $2 }' "$tmp/out") &&
            awk "BEGIN { exit !(($told - $found) ^ 2 < ($found * 0.006) ^ 2) }" || { echo "$how: $told, $found"; return 1; }
    done
    status 0 paint --output "$tmp/silent.png" --progress json && ! grep -q saved "$tmp/out"
}

writes_jpeg() {
    status 0 paint --output "$tmp/x.jpg" && [ "$(head -c 2 "$tmp/x.jpg" | od -An -tx1)" = " ff d8" ]
}

stands_still_without_iterations() {
    status 0 paint --iterations 0 --output "$tmp/z.png" &&
        status 0 "$strata" eval "$tmp/z.png" --trust-paths --image "$tmp/z.png" &&
        awk '$1 == "content" { exit !($2 < 1) }' "$tmp/out"
}

measures_in_json_and_numpy() {
    status 0 "$strata" eval "$tmp/z.png" --trust-paths --image "$tmp/z.png" --json --grad "$tmp/g.npy" || return 1
    grep -q '"style_layers":{"relu1_1":' "$tmp/out" &&
        head -c 128 "$tmp/g.npy" | grep -qa "'<f4'.*'shape': (3, 48, 64)" &&
        [ "$(wc -c <"$tmp/g.npy")" -eq $((128 + 3 * 48 * 64 * 4)) ]
}

runs_a_job_from_another_folder() {
    cp assets/coast.jpg assets/glass.jpg "$tmp"
    printf '[job]\ncontent = coast.jpg\noutput = here.png\nwidth = 48\niterations = 2\nnetwork = random:4\n[channel relu2_1]\nstyle = glass.jpg\ncrop = 1/2\n' >"$tmp/job.ini"
    status 0 "$strata" run "$tmp/job.ini" && is_png "$tmp/here.png"
}

survives_a_reader_that_leaves() {
    paint --output "$tmp/r.png" --progress json | head -n 1 >/dev/null
    is_png "$tmp/r.png"
}

says_when_the_disk_is_full() {
    (ulimit -f 1; status 1 paint --width 200 --output "$tmp/full.png") &&
        [ ! -e "$tmp/full.png" ] && [ -z "$(find "$tmp" -name '*full*')" ]
}

keeps_to_the_memory_it_may_use() { # as much as a smaller picture takes
    local cap fits
    local -x ASAN_OPTIONS=${ASAN_OPTIONS:-}:quarantine_size_mb=1 # what is freed is free
    status 0 paint --network random:16 --width 240 --output "$tmp/small.png" &&
        cap=$(sed -nE 's/.* ([0-9]+) MB of memory.*/\1/p' "$tmp/out" "$tmp/err" | head -n 1) &&
        status 2 paint --network random:16 --width 4000 --memory "${cap}M" --output "$tmp/m.png" &&
        [ ! -e "$tmp/m.png" ] &&
        grep -q "at 4000×3000 needs .* and the setting memory allows $cap MB" "$tmp/err" &&
        fits=$(sed -nE 's/.*; width ([0-9]+) is the largest that fits.*/\1/p' "$tmp/err") &&
        status 0 paint --network random:16 --width "$fits" --memory "$((cap + cap / 8))M" \
            --output "$tmp/m.png" && is_png "$tmp/m.png" # the process itself is not always as large
}

keeps_to_its_own_name() { # whatever the job in it says
    paint --output "$tmp/elsewhere.png" >/dev/null && mv "$tmp/elsewhere.png" "$tmp/gift.png" || return 1
    status 2 "$strata" run "$tmp/gift.png" --trust-paths && grep -q 'gift.png exists' "$tmp/err" &&
        status 0 "$strata" run "$tmp/gift.png" --trust-paths --overwrite && [ ! -e "$tmp/elsewhere.png" ]
}

paints_what_is_named() {
    cp assets/coast.jpg assets/glass.jpg assets/night.jpg "$tmp"
    (cd "$tmp" && small="--network random:4 --width 48 --iterations 2" &&
        status 0 "$strata" run coast.jpg glass.jpg $small && is_png coast-strata.png &&
        status 2 "$strata" run coast.jpg glass.jpg $small && grep -q 'coast-strata.png exists' err &&
        status 0 "$strata" run coast-strata.png --output again.png &&
        status 0 "$strata" run coast.jpg glass.jpg glass.jpg night.jpg blank none $small --output five.png &&
        mv five.png words.png &&
        status 0 "$strata" run --content coast.jpg --styles glass.jpg glass.jpg night.jpg blank none $small \
            --output five.png && same five.png words.png)
}

says_what_it_cannot_take() {
    mkdir -p "$tmp/album"
    : >"$tmp/a.gif"
    status 2 "$strata" run "$tmp/out.gif" && grep -q 'PNG, JPEG or WebP; convert it' "$tmp/err" &&
        status 2 "$strata" run "$tmp/a.gif" && grep -q 'PNG, JPEG or WebP; convert it' "$tmp/err" &&
        status 2 "$strata" run "$tmp/album" && grep -q 'is a folder; name a picture in it' "$tmp/err" &&
        status 2 "$strata" run assets/coast.jpg assets/glass.jpg "$tmp/out.png" &&
        grep -q 'no file .*out.png.*--output' "$tmp/err"
}

claim "a picture paints itself again from the job inside it" repeats_from_its_own_job
shows_names_clean() {
    local name=$tmp/$'e\033]0;x\007.safetensors'
    cp weights/strata16.safetensors "$name"
    status 0 "$strata" bench --size 32x32 --iterations 1 --network "$name" && grep -q '/e\\x1b\]0;x' "$tmp/out" &&
        ! grep -q "$(printf '\033')" "$tmp/out" "$tmp/err"
}

# With PyTorch it says how fast that is; without, what is lacking.
compares_with_pytorch() {
    "$strata" bench --compare --size 32x32 --network random:4 --iterations 2 >"$tmp/out" 2>"$tmp/err"
    case $? in
        0) grep -qE '^PyTorch .* in turns: float32 [0-9.]+ ms, .* times as fast' "$tmp/out" ;;
        2) [ "$(wc -l <"$tmp/err")" -eq 1 ] && grep -q -- '--compare needs python3 with PyTorch' "$tmp/err" ;;
        *) false ;;
    esac
}

tells_the_plan() {
    status 0 "$strata" bench --size 64x64 --iterations 1 --network random:16 --precision fp32 --json &&
        grep -q '"plan":"float32, [0-9]* of 26 convolutions by Winograd"' "$tmp/out" &&
        status 0 paint --output "$tmp/plan.png" --convolution direct &&
        grep -aq '^; painted in float32 by oneDNN ' "$tmp/plan.png"
}

claim "bench compares with PyTorch, or says what it needs" compares_with_pytorch
claim "bench and a picture's record tell the plan" tells_the_plan
claim "a job in a picture does not say where to write" keeps_to_its_own_name
claim "a picture is the content, further ones are the styles, and the output follows" paints_what_is_named
claim "a word that is no job and no picture is told what to do" says_what_it_cannot_take
claim "an existing output is refused before anything is computed" keeps_what_exists
claim "--overwrite replaces it" replaces_when_told
claim "the content is never the output" never_paints_over_its_content
claim "Ctrl-C saves the picture and ends with 130" stops_on INT 130
claim "the same Ctrl-C twice, as below timeout, is one" stops_on INT 130 3
claim "SIGTERM saves the picture and ends with 143" stops_on TERM 143
claim "SIGQUIT saves the picture and ends with 131" stops_on QUIT 131
claim "a batch system's SIGXCPU saves the picture and ends with 152" stops_on XCPU 152
claim "a batch system's SIGUSR1 saves the picture and ends with 138" stops_on USR1 138
claim "checkpoints are written on the way" writes_checkpoints
claim "--progress json prints an object for each iteration and nothing else" speaks_json
claim "a pipe gets plain lines" speaks_plainly_in_a_pipe
claim "a log and a plot lie beside the output" logs_and_plots
claim "at the end the losses of the saved picture are told" tells_the_losses_of_what_is_saved
claim "the name's ending chooses JPEG" writes_jpeg
claim "no iterations write the starting picture" stands_still_without_iterations
claim "eval prints JSON and writes the gradient for NumPy" measures_in_json_and_numpy
claim "a job's paths are relative to its file" runs_a_job_from_another_folder
claim "a reader that leaves does not stop the run" survives_a_reader_that_leaves
claim "a full disk is an error and leaves nothing half-written" says_when_the_disk_is_full
claim "what needs too much memory is refused with the width that fits, and that does" \
    keeps_to_the_memory_it_may_use
claim "a name with control characters is shown without them" shows_names_clean
verdict
