#!/usr/bin/env bash
# run.sh KIND [SECONDS]: AFL++ with AddressSanitizer on the reader of pickle (PyTorch's files), npz
# or safetensors; needs afl++ and clang. Ends with what was found; findings and queue stay in
# build-fuzz/KIND. Checksums of archives are not verified in this build.
set -eu
cd "$(dirname "$0")/../.."
kind=$1 seconds=${2:-1200} out=build-fuzz/$1
files=tests/data/weights
mkdir -p build-fuzz
sources="tests/fuzz/fuzz.c weights/formats/names.c weights/formats/tensors.c weights/formats/zip.c weights/formats/pickle.c weights/formats/pickle_machine.c
    weights/formats/pickle_torch.c weights/formats/read_torch.c weights/formats/read_npz.c weights/formats/read_safetensors.c
    weights/import/convert.c engine/net/weights.c engine/net/layer.c engine/base/file.c engine/base/mem.c engine/base/utf8.c engine/base/diag.c"
AFL_USE_ASAN=1 AFL_USE_UBSAN=1 AFL_QUIET=1 afl-clang-fast -std=c11 -I. -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -O2 -g \
    -o "build-fuzz/fuzz-$kind" $sources -lcjson -lz -lm
rm -rf "$out" && mkdir -p "$out/in"
case $kind in
    pickle)
        cp $files/legacy.pth $files/conv0.pth $files/zip.pth "$out/in"
        for f in zip checkpoint protocol4; do unzip -p $files/$f.pth "*/data.pkl" >"$out/in/$f.pkl"; done
        for f in tests/data/bad/*.pth; do [ -e "$f" ] && cp "$f" "$out/in"; done ;;
    npz) cp $files/*.npz "$out/in"
        for f in tests/data/bad/*.npz; do [ -e "$f" ] && cp "$f" "$out/in"; done ;;
    safetensors) cp $files/net.safetensors tests/data/ok/network.safetensors "$out/in"
        find tests/data/bad -name '*.safetensors' -size -8k -size +0 -exec cp {} "$out/in" \; ;;
    *) echo "no such kind: $kind"; exit 2 ;;
esac
export AFL_SKIP_CPUFREQ=1 AFL_NO_UI=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_AFFINITY=1
export ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0:hard_rss_limit_mb=2000:allocator_may_return_null=1
nice -n 19 afl-fuzz -i "$out/in" -o "$out/out" -m none -t 2000 -V "$seconds" -- "build-fuzz/fuzz-$kind" "$kind" \
    >"$out/log" 2>&1 || true
grep -E '^(execs_done|execs_per_sec|corpus_count|saved_crashes|saved_hangs|bitmap_cvg|edges_found)' "$out/out/default/fuzzer_stats"
# Leaks, which AFL++ does not look for: everything it kept, once more.
clang -std=c11 -I. -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION \
    -O1 -g -fsanitize=address,undefined -o "build-fuzz/replay-$kind" $sources -lcjson -lz -lm
leaks=0 files=0
for f in "$out"/out/default/queue/id*; do
    files=$((files + 1))
    ASAN_OPTIONS=detect_leaks=1 "build-fuzz/replay-$kind" "$kind" <"$f" >/dev/null 2>>"$out/leaks" || leaks=$((leaks + 1))
done
echo "replayed           : $files files, $leaks with a leak or an error"
