#!/usr/bin/env bash
# pictures.sh: strata show and strata doctor ($STRATA, default build/strata) without a terminal:
# what they write, and what they say when they cannot. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
strata=${STRATA:-build/strata}
picture=assets/painted.jpg
tmp=$(mktemp -d "${TMPDIR:-/tmp}/strata-pictures-XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

claim() { # NAME STATUS WORDS...: runs strata, keeps what it writes
    name=$1 expected=$2
    shift 2
    timeout -k 5 60 "$strata" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
    status=$?
    problem=
    [ "$status" -eq "$expected" ] || problem="status $status, not $expected; $(head -c 300 "$tmp/err")"
}

and() { # COMMAND...: must succeed as well
    [ -n "$problem" ] || "$@" >/dev/null 2>&1 || problem="not so: $*"
}

end() {
    if [ -z "$problem" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf -- '--- %s\n%s\n' "$name" "$problem"
    fi
}

export LC_ALL=C.UTF-8 TERM=xterm-256color
unset NO_COLOR COLORTERM TMUX STY

claim "sixel is written on request" 0 show --graphics sixel "$picture"
and grep -aqP '\x1bPq"1;1;\d+;\d+#' "$tmp/out"
and grep -aqP '\x1b\\' "$tmp/out"
end
claim "kitty's protocol is written in chunks" 0 show --graphics kitty "$picture"
and grep -aqP '\x1b_Ga=T,f=100,i=\d+,p=1,q=2,C=1,m=1;' "$tmp/out"
end
claim "cells are characters in colours" 0 show --graphics cells "$picture"
and grep -q '▀\|▌' "$tmp/out"
and grep -aqP '\x1b\[38;5;\d+m' "$tmp/out"
end
export NO_COLOR=1
claim "without colours and beyond ASCII there is still a picture" 0 show --graphics ascii "$picture"
and [ "$(wc -l <"$tmp/out")" -gt 10 ]
and [ -z "$(LC_ALL=C tr -d '\n -~' <"$tmp/out")" ]
end
unset NO_COLOR
LC_ALL=C claim "where blocks cannot be written there is ASCII" 0 show --graphics cells "$picture"
and [ -z "$(LC_ALL=C tr -d '\n\033 -~' <"$tmp/out")" ]
end
claim "a pipe is no terminal to choose for" 2 show "$picture"
and grep -q -- '--graphics' "$tmp/err"
end
claim "a picture that is not there is named" 2 show --graphics sixel "$tmp/none.png"
and grep -q 'none.png' "$tmp/err"
end
claim "show wants a picture" 2 show
end
claim "an unknown kind is refused with those there are" 2 show --graphics jpeg "$picture"
and grep -q 'sixel' "$tmp/err"
end
claim "doctor says what it found, and why" 0 doctor
and grep -q 'TERM .*xterm-256color' "$tmp/out"
and grep -q 'stdout is no terminal' "$tmp/out"
and grep -q 'oneDNN' "$tmp/out"
and grep -q 'libsixel' "$tmp/out"
and grep -q 'strata16' "$tmp/out"
end
claim "doctor takes no picture" 2 doctor "$picture"
end

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
