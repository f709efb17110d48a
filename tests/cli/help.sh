#!/usr/bin/env bash
# help.sh: help, man pages, completions, README and docs/ name what there is, and all of it. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/claims.sh
commands=$("$strata" --help | awk '/^Commands:/ { on = 1 } /^$/ { on = 0 } on && $1 == "strata" && /^  strata [a-z]/ { print $2 }')
topics=$("$strata" help nonsense 2>&1 | sed 's/.*topics are //; s/, and each.*//; s/,//g; s/ and / /')
told() { sed -n 's/^ \{2,6\}\(-., \)\{0,1\}\(--[a-z0-9-]*\).*/\2/p'; } # by a command's help
options() { grep -oE '(^|[^a-z-])--[a-z][a-z0-9-]+' | grep -oE -- '--[a-z].*' | sort -u; }

# All options of all commands, and those of strata-weights and strata-mpi.
{
    for command in $commands options; do "$strata" help "$command" | told; done
    grep -ohE '^ *\[?[A-Z0-9_]*\]? ?=? ?\{"[a-z-]+", [^,]*, ARGS' weights/cli/*.c | sed 's/.*{"\([a-z0-9-]*\)".*/--\1/'
    grep -ohE '\{"[a-z0-9-]+", .?.?.?, ARGS' weights/cli/*.c | sed 's/.*{"\([a-z0-9-]*\)".*/--\1/'
    grep -oE '\[OWN_[A-Z_]*\] = \{"[a-z-]+' mpi/main.c | sed 's/.*"/--/'
} 2>/dev/null | options >"$tmp/options"

lists_itself() {
    [ "$(echo "$commands" | wc -l)" -ge 11 ] || { echo "$commands"; return 1; }
    for command in $commands; do
        "$strata" "$command" --help >"$tmp/out" 2>&1 || { echo "$command --help failed"; return 1; }
        [ -s "$tmp/out" ] || { echo "$command --help says nothing"; return 1; }
        "$strata" help "$command" | cmp - "$tmp/out" || [ "$command" = help ] || return 1
    done
    for topic in $topics; do "$strata" help "$topic" >/dev/null || return 1; done
    [ "$(echo $topics | wc -w)" -ge 10 ]
}
claim "every command has help, --help is the same as strata help, and so has every topic" lists_itself

finds() {
    "$strata" help grey | grep -q "The picture is grey, or hardly changes" || return 1
    "$strata" help width | head -1 | grep -q -- "--width N" || return 1
    ! "$strata" help nonsense 2>/dev/null
}
claim "help on any other word is the paragraphs that have it, or the option of that name" finds

fits() {
    { "$strata" --help; for word in $commands options; do [ $word = weights ] || "$strata" help $word; done; } |
        awk '/^ *\|/ { next } { gsub(/[\200-\277]/, "") } length > 80 { print; bad = 1 } END { exit bad }'
}
claim "help is 80 columns wide" fits

every_option_is_taken() {
    local command option word
    for command in run eval sweep resume runs bench show doctor attach; do
        for option in $("$strata" "$command" --help | told); do
            "$strata" "$command" "$option=@" </dev/null >"$tmp/out" 2>&1 && { echo "$command $option=@ was taken"; return 1; }
            ! grep -qE "no option|is not an option|option of" "$tmp/out" || { cat "$tmp/out"; return 1; }
        done
    done
}
claim "every option in help is one" every_option_is_taken

every_key() { # of a job, by what a broken job file is told of, is in help and in strata-job
    local key
    "$strata" help --man strata-job.5 | sed 's/\\//g' >"$tmp/man"
    for key in $(sed -n 's/^    \(AT_START\|IN_JOB\|IN_LISTS\)(\([a-z0-9_]*\),.*/\2/p' engine/job/job.c); do
        "$strata" help run | grep -q -- "--${key//_/-} \|--${key//_/-}$" || { echo "$key is not in help"; return 1; }
        grep -q "^fB${key}fR" "$tmp/man" || { echo "$key is not in strata-job.5"; return 1; }
    done
    [ "$key" = memory ]
}
claim "every key of a job is in help and in strata-job.5" every_key

pages() { # each option of run, eval and the workbench, and each command
    local option
    "$strata" help --man strata.1 | sed 's/\\-/-/g; s/\\f.//g' >"$tmp/man"
    for option in $(cat "$tmp/options"); do
        grep -q -- "$option" "$tmp/man" || grep -rqF -- "\"${option#--}\"" weights/cli mpi || { echo "$option is not in strata.1"; return 1; }
    done
    for page in strata.1 strata-job.5 strata-networks.7; do
        "$strata" help --man $page >"$tmp/$page" && [ "$(grep -c '^\.SH' "$tmp/$page")" -ge 2 ] || return 1
        if command -v groff >/dev/null; then
            groff -man -ww -Kutf8 -Tutf8 "$tmp/$page" 2>&1 >/dev/null | head -3 | grep . && return 1
        fi
    done
    ! "$strata" help --man nonsense.9 2>/dev/null
}
claim "man pages have every option, and roff has nothing to say against them" pages

named() { # README and docs name only what there is
    local option word
    cat README.md docs/*.md | sed 's/`[^`]*make[^`]*`//g' | grep -v 'numactl\|sbatch\|apt' | options >"$tmp/named"
    [ "$(wc -l <"$tmp/named")" -gt 30 ] || return 1
    for option in $(cat "$tmp/named"); do
        grep -qx -- "$option" "$tmp/options" || case $option in
            --help | --version | --partition | --cpus-per-task | --cpunodebind | --membind | --mpi) ;;
            --iter | --out | --pre | --over) ;; # beginnings that are unique
            *) echo "$option is no option"; return 1 ;;
        esac
    done
    for word in $(cat README.md docs/*.md | grep -ohE '(^    |`)strata [a-z]+( |`|$)' | awk '{ gsub("`", ""); print $2 }' | sort -u); do
        echo "$commands" | grep -qx "$word" || { echo "strata $word is no command"; return 1; }
    done
}
claim "README and docs name options and commands that there are" named

completes() { # WORDS... -- EXPECTED...: the last of WORDS is under way
    local words=() word
    while [ "$1" != -- ]; do words+=("$1"); shift; done
    shift
    bash -c 'eval "$("$1" help --completion bash)"; shift; COMP_WORDS=(strata "$@"); COMP_CWORD=$#
        compopt() { :; }
        _strata; printf "%s\n" "${COMPREPLY[@]}"' bash "$strata" "${words[@]}" >"$tmp/out" 2>&1
    for word in "$@"; do grep -qx -- "$word" "$tmp/out" || { echo "${words[*]}: no $word"; cat "$tmp/out"; return 1; }; done
}
bash_completion() {
    completes ru -- run runs && completes run --sty -- --styles --style-weight && completes run --schedule "" -- fast classic &&
        completes run --network str -- strata16 && completes run --content READ -- README.md &&
        completes run --styles README.md REA -- README.md && completes sweep --sl -- --slurm &&
        completes help mem -- memory && completes help "" -- trouble && ! grep -q README "$tmp/out" &&
        completes weights f -- fetch && completes run -n "" -- strata16 &&
        ! grep -qx -- --slurm "$tmp/out" && completes --gra -- --graphics
}
claim "bash completes commands, options, values, files and topics" bash_completion

other_shells() {
    local shell
    for shell in zsh fish; do
        "$strata" help --completion $shell >"$tmp/$shell" && [ "$(wc -l <"$tmp/$shell")" -gt 50 ] || return 1
        ! command -v $shell >/dev/null || $shell -n "$tmp/$shell" || return 1
    done
    ! "$strata" help --completion csh 2>/dev/null
}
claim "zsh and fish take theirs" other_shells
verdict
