#!/usr/bin/env bash
# check.sh BUILD: the rules of the house, over engine/, tui/, weights/, mpi/ and assets/.
#   - a global symbol stands in a header of its folder and starts with its module's name
#   - another file of the product uses it
#   - every header compiles alone
#   - includes and calls go down the order of folders in tests/layers.txt, and files form no circle
#   - each foreign library has one user
#   - sentences that the workbench may show name settings, no options of the command line
#   - sentences name keys of actions that there are
#   - files keep to 500 lines of 100 columns, functions to 60 lines
# Calls are read from the object files in BUILD. Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1 passed=0 failed=0
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
flags="-std=c11 -I. -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE"
layers=$(grep -v '^#' tests/layers.txt)
# Where there is no MPI only what mpi/ says is looked at, not what it was compiled to.
[ -e "$build/mpi/main.o" ] || layers=$(echo "$layers" | grep -vx mpi)
sources=$(for folder in $layers; do ls "$folder"/*.[ch]; done)

headers=$(echo "$sources" | grep '\.h$')

verdict() { # RULE PROBLEMS
    if [ -z "$2" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf -- '--- %s\n%s\n' "$1" "$2"
    fi
}

# ---- what the object files define and use: lines "engine/base/file file_write" ----------------

for source in $(echo "$sources" | grep '\.c$') weights/builtin.S; do
    object=$build/${source%.?}.o
    [ -e "$object" ] || { echo "$object is not built" >&2; exit 1; }
    nm -g --defined-only "$object" | awk -v f="${source%.?}" 'NF == 3 && $3 !~ /[.]/ { print f, $3 }' >>"$work/defined"
    nm -gu "$object" | awk -v f="${source%.?}" '{ print f, $2 }' >>"$work/used"
done
[ -e "$build/mpi/main.o" ] || grep -ohE '[a-z][a-z0-9_]+' mpi/*.c | sort -u | sed 's|^|mpi/main |' >>"$work/used"
# "main" is one symbol of several programs.
awk 'FNR == NR { if ($2 != "main") by[$2] = $1; next }
     $2 in by && by[$2] != $1 { print $1, by[$2], $2 }' "$work/defined" "$work/used" >"$work/calls"
[ "$(wc -l <"$work/calls")" -gt 500 ] || { echo "$work/calls: too few calls were found" >&2; exit 1; }

# ---- names and headers ------------------------------------------------------------------------

# The module of a file: the shortest header of its folder whose name the file's starts with.
module() { # engine/image/image_png -> image
    local stem=${1##*/} header name best=
    for header in "${1%/*}"/*.h; do
        name=$(basename "$header" .h)
        case $stem in "$name" | "$name"_*) [ -z "$best" ] || [ ${#name} -lt ${#best} ] && best=$name ;; esac
    done
    echo "${best:-$stem}"
}

misnamed=$(while read -r file symbol; do
    case $file:$symbol in *:main | weights/builtin:*) continue ;; esac
    own=$(module "$file")
    case $symbol in "$own" | "$own"_*) ;; *) echo "$file.c: $symbol does not start with ${own}_" ;; esac
    grep -qw -- "$symbol" "${file%/*}"/*.h || # or in a list: X(coast, … or X(JOB, JOB, job)
        grep -qsE "X\\((${symbol%_draw}|[^)]*, ${symbol#*_}\\))" $headers || echo "$file.c: $symbol is in no header of its folder"
done <"$work/defined")
verdict "a global symbol stands in a header of its folder and starts with its module's name" "$misnamed"

# What exists for the tests alone.
hooks="nn_tune_names random_u64 job_parse disk_slow_down"
unused=$(awk 'FNR == NR { used[$3] = 1; next } !($2 in used) && $2 != "main" { print }' \
    "$work/calls" "$work/defined" | while read -r file symbol; do
    case " $hooks " in *" $symbol "*) ;; *) echo "$file.c: nobody outside uses $symbol" ;; esac
done)
verdict "another file uses a global symbol" "$unused"

alone=$(echo "$sources" | grep '\.h$' | xargs -P 2 -I{} sh -c "echo '#include \"{}\"' |
    ${CC:-cc} $flags $(pkg-config --cflags libpng libcjson 2>/dev/null) $(pkg-config --cflags ompi-c 2>/dev/null) \
    -Wall -Werror -fsyntax-only -x c - 2>&1 | head -n 3")
verdict "every header compiles alone" "$alone"

# ---- order and circles ------------------------------------------------------------------------

rank() { # FOLDER: its tree and its place in the order
    echo "$layers" | awk -v folder="$1" '{ for (i = 1; i <= NF; i++) if ($i == folder) print NR, i }'
}

declare -A place
for folder in $layers; do place[$folder]=$(rank "$folder"); done
below() { # FILE OTHER: may FILE use OTHER?
    local from=${1%/*} to=${2%/*} here there
    [ "$from" = "$to" ] && return 0
    here=${place[$from]-} there=${place[$to]-}
    [ -n "$here" ] && [ -n "$there" ] || return 1
    [ "${there%% *}" = 1 ] && [ "${here%% *}" != 1 ] && return 0
    [ "${here%% *}" = "${there%% *}" ] && [ "${there##* }" -lt "${here##* }" ]
}

# "engine/nn/nn_conv.c engine/base/diag.h"
grep -HoE '^ *# *include *"[^"]+"' $sources | sed -E 's/:.*"(.*)"/ \1/' >"$work/includes"
against=$(while read -r file header; do
    case $header in */*/* | mpi/*) ;; *) echo "$file includes $header, not from the root"; continue ;; esac
    below "$file" "$header" || echo "$file includes $header"
done <"$work/includes"
while read -r file other symbol; do
    case $other in weights/builtin) continue ;; esac
    below "$file" "$other" || echo "$file.c calls $symbol of $other.c"
done <"$work/calls")
strays=$(ls engine/*.[ch] tui/*.[ch] weights/*.[ch] assets/*.[ch] 2>/dev/null
    ls -d engine/*/ tui/*/ weights/*/ assets/*/ | grep -vE 'weights/train/|assets/(presets|layers-sweep|exp3)/' | sed 's|/$||' |
        grep -vxF "$(echo "$layers" | tr ' ' '\n')")
verdict "includes and calls go down the order of folders" "$against$strays"

# tsort names the members of a circle on lines of their own.
circles=$({ awk '{ print $1, $2 }' "$work/calls" | tsort
    grep '\.h ' "$work/includes" | tsort; } 2>&1 >"$work/sorted" | sed -n 's/^tsort: \(.*\/\)/\1/p' | sort -u)
verdict "files form no circle" "$circles"

# ---- libraries --------------------------------------------------------------------------------

only() { # HEADERS ALLOWED...: who else includes them?
    local headers=$1 pattern
    shift
    pattern=$(printf '|^%s' "$@")
    grep -lE "# *include *<($headers)" $sources | grep -vE "${pattern:1}"
}
foreign=$(only 'oneapi|dnnl' engine/nn/
    only 'png\.h|libpng' engine/image/image_png
    only 'webp/' engine/image/image_webp
    only 'turbojpeg\.h|jpeglib|jerror' engine/image/image_jpeg
    only 'ini\.h' engine/job/job_file
    only 'sixel\.h' tui/pixels/pixels_sixel tui/cli/cli_doctor
    only 'chafa' tui/pixels/cells tui/cli/cli_doctor
    only 'ncurses|curses|term\.h' tui/term/term tui/view/draw tui/desk/script
    only 'glib' tui/term/bytes
    only 'matio\.h' weights/formats/read_matlab
    only 'hdf5\.h' weights/formats/read_hdf5
    only 'curl/' weights/import/download
    only 'nettle/' weights/import/digest
    only 'mpi\.h' mpi/ranks mpi/main
    grep -E '^tui/.* engine/(nn|net/(vgg|weights)|style/(objective|targets))' "$work/includes")
verdict "a foreign library, and the network, have one user" "$foreign"

# ---- sentences --------------------------------------------------------------------------------

options=$(grep -nE '"[^"]*--[a-z]' engine/*/*.c tui/model/*.c tui/view/*.c |
    grep -vE '^engine/(base/args|run/bench|rundir/rundir)\.c:')
verdict "sentences that the workbench may show name no options" "$options"

# "{undo} takes it back": keys_fill_in puts the key of an action there.
keyless=$(grep -hoE '"[^"]*\{[a-z0-9_]+\}[^"]*"' tui/model/*.c tui/view/*.c tui/desk/*.c |
    grep -oE '\{[a-z0-9_]+\}' | sort -u | tr -d '{}' | while read -r name; do
    grep -qE "X\(${name^^}, " tui/model/keys.h || echo "{$name} in a sentence is no action's key"
done)
verdict "sentences name keys of actions that there are" "$keyless"

# ---- sizes ------------------------------------------------------------------------------------

# A function's body begins and ends with a brace in the first column.
long=$(for file in $sources engine/*/*.S tests/*.[ch] tests/*/*.[ch]; do
    [ -e "$file" ] || continue
    awk -v f="$file" '
        { s = $0; gsub(/[\200-\277]/, "", s); if (length(s) > 100) print f ":" NR " is too wide" }
        /^{/ { start = NR }
        /^}/ && start { if (NR - start + 2 > 60 && f !~ /^tests/) print f ":" start ": a function of " NR - start + 2 " lines"; start = 0 }
        END { if (NR > 500) print f " has " NR " lines" }' "$file"
done)
verdict "files keep to 500 lines of 100 columns, functions to 60 lines" "$long"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
