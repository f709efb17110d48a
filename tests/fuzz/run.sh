#!/usr/bin/env bash
# run.sh FUZZER SECONDS JOBS [KIND...]: each kind of hostile input for so long, so many at a time;
# without kinds, all that FUZZER lists. Under AddressSanitizer (with leaks) and
# UndefinedBehaviorSanitizer; more than 512 MB or 5 seconds for an input are findings, too. Prints a
# line for each kind; status 1 if something was found. build-fuzz/KIND keeps the log, the finding
# (FUZZ=KIND FUZZER FILE repeats it) and the corpus, with which the next run goes on. Checksums in
# archives and PNGs count for nothing in this build.
set -eu
cd "$(dirname "$0")/../.."
fuzzer=$(realpath "$1") seconds=$2 jobs=$3
shift 3
kinds=${*:-$("$fuzzer" | cut -d ' ' -f 1)}
export OMP_NUM_THREADS=1
export ASAN_OPTIONS=quarantine_size_mb=16:detect_leaks=1:handle_abort=1
export UBSAN_OPTIONS=print_stacktrace=1

number() { # KIND PATTERN: what follows it for the last time in the log
    sed -nE "s/.*$2 *([0-9]+).*/\1/p" "build-fuzz/$1/log" | tail -n 1
}

fuzz() { # KIND
    local kind=$1 out=build-fuzz/$1 status=0 most
    most=$("$fuzzer" | sed -n "s/^$kind //p")
    rm -rf "$out/seeds" "$out/findings" "$out/status"
    mkdir -p "$out/corpus" "$out/findings"
    tests/fuzz/seeds.sh "$kind" "$out/seeds"
    (cd "$out" && FUZZ=$kind nice -n 19 "$fuzzer" -max_total_time="$seconds" -max_len="$most" \
        -rss_limit_mb=512 -timeout=5 -use_value_profile=1 -print_final_stats=1 \
        -artifact_prefix=findings/ corpus seeds) >"$out/log" 2>&1 || status=$?
    printf '%-12s %9s executions, %5s edges, %6s features, %4s MB: %s\n' "$kind" \
        "$(number "$kind" stat::number_of_executed_units:)" "$(number "$kind" ' cov:')" \
        "$(number "$kind" ' ft:')" "$(number "$kind" stat::peak_rss_mb:)" \
        "$([ $status = 0 ] && echo nothing found || echo "a finding, see $out/log")"
    [ $status = 0 ] || grep -aE '^SUMMARY|runtime error|does not hold|Test unit written' "$out/log" || true
    echo $status >"$out/status"
}

mkdir -p build-fuzz
for kind in $kinds; do
    while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || true; done
    fuzz "$kind" &
done
wait
found=0
for kind in $kinds; do
    [ "$(cat "build-fuzz/$kind/status" 2>/dev/null)" = 0 ] || found=$((found + 1))
done
echo "$(echo $kinds | wc -w) kinds, $found with a finding"
[ $found -eq 0 ]
