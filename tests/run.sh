#!/usr/bin/env bash
# run.sh PROGRAM|SCRIPT ...: runs cmocka programs and test scripts, shows what fails, adds up, and ends
# with "N passed, N failed". The programs that compute run a second time limited to AVX2, where
# oneDNN has other kernels; those that mostly wait, for terminals and links, run beside them. A script
# ends with a line "N passed, N failed" of its own.
set -u
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0 skipped=0
folder=$(mktemp -d) || exit 1
log=$folder/log
trap 'rm -rf "$folder"' EXIT
# Threads that wait sleep: the machine may have other work.
export OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive
# What is measured of convolutions is kept from test to test, and out of the user's folder.
export XDG_CACHE_HOME=$PWD/build/cache
mkdir -p "$XDG_CACHE_HOME"
# So is what runs save of themselves.
export XDG_STATE_HOME=$PWD/build/state
rm -rf "$XDG_STATE_HOME"
# And what the user has set for himself is not ours.
export XDG_CONFIG_HOME=$PWD/build/config
rm -rf "$XDG_CONFIG_HOME"
export LSAN_OPTIONS="suppressions=$PWD/tests/leaks.txt:print_suppressions=0"

one() { # NAME COMMAND...
    local name=$1 p f s status began=$SECONDS
    shift
    timeout 300 "$@" >"$log" 2>&1 </dev/null
    status=$?
    p=$(sed -nE 's/^\[  PASSED  \] ([0-9]+) test.*/\1/p; s/^([0-9]+) passed, [0-9]+ failed$/\1/p' "$log" | tail -n 1)
    f=$(sed -nE 's/^\[  FAILED  \] ([0-9]+) test.*/\1/p; s/^[0-9]+ passed, ([0-9]+) failed$/\1/p' "$log" | tail -n 1)
    s=$(sed -nE 's/^\[  SKIPPED \] ([0-9]+) test.*/\1/p' "$log" | tail -n 1)
    p=${p:-0} f=${f:-0} s=${s:-0}
    # A crash, a leak report, or a program that ran nothing is a failure of its own.
    if [ $((p + f + s)) -eq 0 ] || { [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; }; then f=$((f + 1)); fi
    # So is a group that cannot clean up, which cmocka does not count.
    if grep -q '^\[  FAILED  \] GROUP' "$log"; then f=$((f + 1)); fi
    if [ "$f" -gt 0 ]; then
        echo "--- $name: $f failed (status $status)"
        grep -vE '^\[ (RUN|      OK)' "$log" | tail -n 40
    else
        echo "    $name: $p passed$([ "$s" -eq 0 ] || echo ", $s skipped"), $((SECONDS - began)) s"
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

all() { # PROGRAM|SCRIPT ...
    local test name
    for test in "$@"; do
        case $test in *.sh) name=${test#tests/} ;; *) name=$(basename "$test") ;; esac
        one "$name" "$test"
        case $name in
            test_nn | test_run) one "$name (AVX2)" env ONEDNN_MAX_CPU_ISA=AVX2 "$test" ;;
        esac
    done
}

# lane NAME TEST...: beside the others; what it prints and counts is in files of that name. With measured
# convolutions of its own: tests that compare two runs to the last digit must not find that another lane
# has measured again, and chosen otherwise, between them.
lane() {
    local name=$1
    shift
    export XDG_CACHE_HOME=$XDG_CACHE_HOME/$name
    export XDG_STATE_HOME=$PWD/build/state/$name
    rm -rf "$XDG_STATE_HOME"
    mkdir -p "$XDG_CACHE_HOME"
    log=$folder/$name.log
    all "$@" >"$folder/$name"
    echo "$passed $failed $skipped" >"$folder/$name.counts"
}

links=() screens=() computing=()
for test in "$@"; do
    case $test in
        *_link | *_pixels | */weights.sh) links+=("$test") ;;
        *_terminal | *_mouse | *_frozen | *_soak_pty | *_desk_end | *_demo) screens+=("$test") ;;
        *) computing+=("$test") ;;
    esac
done
lane links "${links[@]}" &
lane screens "${screens[@]}" &
all "${computing[@]}"
wait
for name in links screens; do
    cat "$folder/$name"
    read -r p f s <"$folder/$name.counts"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
# What a processor cannot do is skipped: Winograd's algorithm and bfloat16 where there is only AVX2.
echo "$passed passed, $failed failed$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")"
[ "$failed" -eq 0 ]
