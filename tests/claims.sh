# claims.sh: for the scripts in tests/cli to source: claims about $strata, a folder $tmp of their own,
# and at the end a line "N passed, N failed".
strata=${STRATA:-build/strata}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

claim() { # SENTENCE COMMAND...: the command must succeed
    local sentence=$1
    shift
    if "$@" >"$tmp/.out" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $sentence"
        sed 's/^/    /' "$tmp/.out" | tail -n 8
    fi
}

status() { # WANTED COMMAND...: runs it; stdout and stderr are in $tmp/out and $tmp/err
    local wanted=$1 got
    shift
    "$@" >"$tmp/out" 2>"$tmp/err"
    got=$?
    [ "$got" -eq "$wanted" ] || { echo "status $got, not $wanted"; cat "$tmp/out" "$tmp/err"; false; }
}

verdict() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
