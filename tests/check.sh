#!/usr/bin/env bash
# check.sh LIBSTRATA.a LIBWEIGHTS.a: the rules of the house. Global symbols are declared in a header
# and start with its name; every header compiles alone; the engine's modules include only what stands
# above them in tests/layers.txt; each foreign library has one user; files keep to 500 lines of 100
# columns.
# Ends with "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 1
library=$1 importers=$2 passed=0 failed=0
flags="-std=c11 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE"

verdict() { # RULE PROBLEMS
    if [ -z "$2" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf -- '--- %s\n%s\n' "$1" "$2"
    fi
}

module() { # engine/image_png.c -> image: the longest name in the list that the file starts with
    local stem best=
    stem=$(basename "$1" | sed 's/\.[ch]$//')
    for name in $layers; do
        case $stem in "$name" | "$name"_*) [ ${#name} -gt ${#best} ] && best=$name ;; esac
    done
    echo "$best"
}

layers=$(grep -v '^#' tests/layers.txt)
rank() { echo "$layers" | grep -nx "$1" | cut -d: -f1; }

symbols=$(nm -g --defined-only "$library" | awk '/\.o:$/ { object = $1 } NF == 3 { print object, $3 }')
undeclared=$([ -n "$symbols" ] || echo "$library holds no symbols"
    while read -r object symbol; do
        grep -qw -- "$symbol" engine/*.h engine/network.c || echo "$symbol: in no header of engine/"
        case $symbol in strata16_* | layer_name | layer_block | style_layers) continue ;; esac
        own=$(module "${object%.o:}")
        [ -n "$own" ] && [ "${symbol#"$own"_}" != "$symbol" ] || echo "$symbol in ${object%:}"
    done <<<"$symbols")
undeclared+=$(nm -g --defined-only "$importers" | awk '/\.o:$/ { object = $1 } NF == 3 { print object, $3 }' |
    while read -r object symbol; do # read_npz.o belongs to read.h
        own=${object%%[_.]*}
        grep -qw -- "$symbol" weights/*.h && [ "${symbol#"$own"_}" != "$symbol" ] ||
            echo "$symbol in ${object%:}"
    done)
verdict "every global symbol stands in a header and starts with its module's name" "$undeclared"

alone=$(for header in engine/*.h tui/*.h weights/*.h; do
    echo "#include \"$header\"" | ${CC:-cc} $flags $(pkg-config --cflags libpng libcjson 2>/dev/null) \
        -I. -Wall -Werror -fsyntax-only -x c - 2>&1 | head -n 3
done)
verdict "every header compiles alone" "$alone"

upward=$(for file in engine/*.[ch]; do
    own=$(module "$file")
    [ -n "$own" ] || { echo "$file belongs to no module of tests/layers.txt"; continue; }
    grep -oE '^ *# *include *"[^"]+"' "$file" | cut -d'"' -f2 | while read -r header; do
        other=$(module "$header")
        [ "$other" = "$own" ] && continue
        [ -n "$other" ] && [ "$(rank "$other")" -lt "$(rank "$own")" ] ||
            echo "$file includes $header"
    done
done)
verdict "a module of the engine includes only what stands above it" "$upward"

only() { # HEADER ALLOWED...: who else includes it?
    local header=$1 pattern
    shift
    pattern=$(printf '|^%s' "$@")
    grep -lE "# *include *[<\"]($header)" engine/*.[ch] tui/*.[ch] assets/*.[ch] weights/*.[ch] 2>/dev/null | grep -vE "${pattern:1}"
}
foreign=$(only 'oneapi|dnnl' engine/nn
    only 'png\.h|libpng' engine/image_png
    only 'turbojpeg\.h|jpeglib' engine/image_jpeg
    only 'ini\.h' engine/job_file
    only 'sixel\.h' tui/preview_sixel tui/cli_doctor
    only 'chafa' tui/cells tui/cli_doctor
    only 'matio\.h' weights/read_matlab
    only 'hdf5\.h' weights/read_hdf5
    only 'curl/' weights/download
    only 'nettle/' weights/digest
    only '(\.\./engine/)?(nn|nn_step|vgg|objective|targets)\.h' engine/
    only '(\.\./engine/)?weights\.h' engine/ weights/
    grep -lE '# *include *"\.\./weights/' engine/*.[ch] tui/*.[ch]
    grep -lE '# *include *<(ncurses|curses|sixel|chafa)' engine/*.[ch])
verdict "a foreign library, and the network, have one user" "$foreign"

long=$(for file in engine/*.[chS] tui/*.[ch] assets/*.[ch] weights/*.[ch] tests/*.[ch] tests/fuzz/*.c; do
    n=$(wc -l <"$file")
    [ "$n" -le 500 ] || echo "$file has $n lines"
    LC_ALL=C.UTF-8 grep -nE '.{101}' "$file" | sed "s|^\([0-9]*\):.*|$file:\1 is too wide|"
done 2>/dev/null)
verdict "files keep to 500 lines of 100 columns" "$long"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
