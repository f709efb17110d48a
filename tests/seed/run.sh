#!/usr/bin/env bash
# run.sh FOLDER [OPTIONS]: runs the seed's seven experiments on the seed's own pictures, which are
# not part of this repository: FOLDER holds content.jpg, starry-night.jpg and exp1-relu1_1.jpg to
# exp1-relu5_1.jpg. OPTIONS go to every `strata run`, as --iterations 20. Prints for each result how
# far it is from the content: root mean square over pixels and colours, 0–255.
# STRATA names the program (build/strata), KEEP a folder for the results. Ends with 77, skipped,
# where FOLDER or python3 with PIL is missing.
set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 1
strata=${STRATA:-$here/../../build/strata}
folder=${1:-}
[ $# -gt 0 ] && shift

if [ ! -d "$folder" ]; then
    echo "skipped: there is no folder '$folder' with the seed's pictures" >&2
    exit 77
fi
# A python3 of one's own often comes before the system's, and without PIL.
python=python3
"$python" -c 'import PIL' 2>/dev/null || python=/usr/bin/python3
if ! "$python" -c 'import PIL' 2>/dev/null; then
    echo "skipped: python3 with PIL (python3-pil) measures the results, and is not here" >&2
    exit 77
fi
if [ ! -x "$strata" ]; then
    echo "run.sh: there is no program $strata: build it, or name it with STRATA=" >&2
    exit 1
fi

distance() { # RESULT CONTENT
    "$python" - "$@" <<'END'
import sys
from PIL import Image, ImageChops, ImageStat
result = Image.open(sys.argv[1]).convert("RGB")
content = Image.open(sys.argv[2]).convert("RGB").resize(result.size, Image.BICUBIC)
squares = ImageStat.Stat(ImageChops.difference(result, content)).sum2
print("%.2f" % (sum(squares) / (3 * result.width * result.height)) ** 0.5)
END
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
for picture in "$(cd "$folder" && pwd)"/*.jpg; do
    ln -s "$picture" "$work/" || exit 1
done
cp "$here"/*.ini "$work/" || exit 1

failed=0
for job in control exp1 exp2 exp3a exp3b exp3c exp3d; do
    if "$strata" run "$work/$job.ini" --output "$work/$job.png" "$@" >"$work/log" 2>&1; then
        printf '%-8s %s\n' "$job" "$(distance "$work/$job.png" "$work/content.jpg")"
        [ -n "${KEEP:-}" ] && cp "$work/$job.png" "$KEEP/"
    else
        echo "$job failed: $(tail -n 1 "$work/log")" >&2
        failed=1
    fi
done
exit $failed
