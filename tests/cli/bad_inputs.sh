#!/usr/bin/env bash
# bad_inputs.sh: runs strata ($STRATA, default build/strata) on everything in
# tests/data/bad/EXPECT.tsv (name, words, what stderr must match) and on a few good files, which
# must work, so that the bad ones fail for what is bad about them. Made by tests/data/make_bad.py.
# Ends with "N passed, N failed".
set -uf
cd "$(dirname "$0")/../.." || exit 1
strata=${STRATA:-build/strata}
ok=tests/data/ok bad=tests/data/bad
tmp=$(mktemp -d "${TMPDIR:-/tmp}/strata-bad-XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/folder.png"
mkfifo "$tmp/pipe.png"
ln -s loop.png "$tmp/loop.png"
echo precious >"$tmp/there.png"
echo precious >"$tmp/there2.png"
export OMP_NUM_THREADS=2
passed=0 failed=0

empty_out() {
    rm -rf "$tmp/out" && mkdir "$tmp/out"
}

# In WORDS, $TMP stands for our folder, $OK and $BAD for those of the files, and \xNN for a byte.
start() { # WORDS
    local words=() word
    for word in $1; do
        word=${word//\$TMP/$tmp} word=${word//\$OK/$ok} word=${word//\$BAD/$bad}
        printf -v word %b "$word"
        words+=("$word")
    done
    timeout -k 5 20 "$strata" "${words[@]}" >"$tmp/stdout" 2>"$tmp/stderr" </dev/null
}

verdict() { # NAME PROBLEM
    if [ -z "$2" ]; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    echo "--- $1: $2"
    head -c 2000 "$tmp/stderr" | cat -v
}

bad() { # NAME WORDS EXPRESSION
    local status problem=
    start "$2"
    status=$?
    [ "$status" -eq 2 ] || problem="exit status $status"
    [ "$(wc -l <"$tmp/stderr")" -eq 1 ] && [ "$(grep -ac '' "$tmp/stderr")" -eq 1 ] ||
        problem="$problem; not one line"
    grep -aqE -- '^strata: ' "$tmp/stderr" && grep -aqE -- "$3" "$tmp/stderr" ||
        problem="$problem; not /$3/"
    [ "$(LC_ALL=C tr -d '\n\040-\176\200-\377' <"$tmp/stderr" | wc -c)" -eq 0 ] ||
        problem="$problem; control bytes"
    [ ! -s "$tmp/stdout" ] || problem="$problem; something on stdout"
    if [ -n "$(ls -A "$tmp/out")" ]; then
        problem="$problem; wrote $(ls -A "$tmp/out")"
        empty_out
    fi
    verdict "$1" "$problem"
}

good() { # NAME WORDS
    local status problem=
    start "$2 --output \$TMP/out/out.png --iterations 1"
    status=$?
    [ "$status" -eq 0 ] || problem="exit status $status"
    [ "$(head -c 4 "$tmp/out/out.png" 2>/dev/null | tail -c 3)" = PNG ] ||
        problem="$problem; no picture"
    empty_out
    verdict "$1" "$problem"
}

contents() { # of everything that strata must leave alone
    find tests/data "$tmp" \( -path "$tmp/std*" -o -path "$tmp/out" \) -prune -o -print | sort
    find tests/data "$tmp" -path "$tmp/std*" -prune -o -type f -print0 | sort -z | xargs -0 cksum
}

empty_out
before=$(contents)
pictures="--content $ok/content.png --styles $ok/style.png"
good "a PNG" "run $pictures --network random:4"
good "a JPEG" "run --content $ok/photo.jpg --styles $ok/photo.jpg --network random:4"
good "a network" "run $pictures --network $ok/network.safetensors"
good "a job" "run $ok/job.ini"
while IFS=$'\t' read -r name words said; do
    bad "$name" "$words" "$said"
done <"$bad/EXPECT.tsv"
[ "$(contents)" = "$before" ] && changed= || changed="a file that is none of its own changed"
: >"$tmp/stderr"
verdict "everything else" "$changed"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
