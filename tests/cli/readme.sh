#!/usr/bin/env bash
# readme.sh: what README and docs/ say to type does what they say, with small pictures and few iterations. What needs a
# network, a cluster or root is left out, by name. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
case $strata in /*) ;; *) strata=$PWD/$strata ;; esac
export XDG_STATE_HOME=$tmp/state XDG_CONFIG_HOME=$tmp/config XDG_DATA_HOME=$tmp/data TERM=xterm-256color
mkdir -p "$tmp/bin" "$tmp/here/pictures" && ln -s "$strata" "$tmp/bin/strata" && PATH=$tmp/bin:$PATH
lines() { # every line that begins with strata, without its remark; lines that go on are one
    sed -e ':a' -e '/\\$/N; s/\\\n *//; ta' README.md docs/*.md | sed -nE 's/^    (strata( |$).*)/\1/p' | sed -E 's/ +#.*//' | sort -u
}
lines >"$tmp/lines"
cp -r assets "$tmp/here/assets"
cd "$tmp/here" || exit 1
printf 'size 80x24\ndump\n' >keys
for name in photo painting night waves glass a b c d e f; do cp assets/coast.jpg $name.jpg; done
printf '[job]\ncontent = photo.jpg\nstyles = painting.jpg\noutput = out.png\nwidth = 32\nnetwork = random:4\niterations = 2\n' >job.ini
printf '[sweep]\njob = job.ini\nseed = 1 2\n' >sweep.ini
"$strata" run job.ini >/dev/null && cp out.png five.png || exit 1

left_out() {
    case $1 in
    "strata weights fetch"* | "strata weights import"* | *--slurm* | "strata attach"* | *--detach* | "strata neural-style"*) return 0 ;;
    esac
    return 1
}

does() {
    local line=$1
    case $line in
    "strata run "*) line="$line --width 32 --iterations 1 --network random:4 --overwrite --progress plain" ;;
    "strata sweep assets"*) line="$line --print" ;;
    "strata compare"* | "strata presets"* | "strata sweep"* | "strata resume --list" | "strata runs"* | "strata doctor"* | "strata weights list" | "strata help"* | "strata --version") ;;
    "strata show"*) line="$line --graphics ascii" ;;
    "strata resume"*) # there is nothing that was ended
        "$strata" resume 2>&1 | grep -q 'no .*run'
        return ;;
    "strata bench"*) line="$line --size 32x32 --network random:4 --iterations 1" ;;
    *) line="$line --script keys" ;; # the workbench
    esac
    timeout 60 bash -c "$line" </dev/null >out 2>&1 || { echo "$line"; cat out; return 1; }
}

all_of_them() {
    local line count=0
    while read -r line; do
        left_out "$line" && continue
        count=$((count + 1))
        does "$line" || return 1
    done <"$tmp/lines"
    [ $count -ge 15 ] || { echo "only $count"; return 1; }
}
claim "every line of README and docs/ that can be run here does" all_of_them

makes() { # that README and docs/ name
    local target
    for target in $(cat "$OLDPWD"/README.md "$OLDPWD"/docs/*.md | grep -oE '(^    |`)(sudo )?make [a-z-]+' | sed 's/.*make //' | sort -u); do
        grep -qE "^($target|[a-z -]* $target[a-z -]*):|^$target:" "$OLDPWD/Makefile" || { echo "make $target"; return 1; }
    done
}
claim "every make target that they name is there" makes
verdict
