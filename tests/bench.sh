#!/usr/bin/env bash
# bench.sh STRATA [ROUNDS]: milliseconds of an iteration, the convolutions' share and peak memory, one
# line for each network and size, as strata starts and in float32; beside PyTorch, in turns, where it
# is installed. Medians over the rounds.
set -eu
cd "$(dirname "$0")/.."
strata=$1 rounds=${2:-5}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
lscpu | sed -n 's/^Model name: */processor: /p'
compare=--compare
"$strata" bench --network random:4 --size 64x64 --iterations 1 --compare >"$folder/try" 2>&1 || compare=
tail -1 "$folder/try" | sed "s/ in turns.*//"
field() { sed -nE "s/.*\"$1\":\"?([^,\"]+).*/\1/p" "$folder/$2.json"; }
echo "network       size       precision ms/iteration   conv   Gram share     MB  told  PyTorch fp32   bf16  ratio"
for network in strata16 random:vgg19; do
    for size in 256x256 512x512 1024x1024; do
        "$strata" bench --network $network --size $size --iterations "$rounds" --json $compare >"$folder/auto.json"
        "$strata" bench --network $network --size $size --iterations "$rounds" --json --precision fp32 \
            >"$folder/fp32.json"
        for precision in auto fp32; do
            awk -v n=$network -v z=$size -v k=$precision -v s="$(field seconds_per_iteration $precision)" \
                -v c="$(field conv_seconds $precision)" -v g="$(field gram_seconds $precision)" \
                -v m="$(field peak_rss_mb $precision)" -v t="$(field predicted_mb $precision)" \
                -v plan="$(field plan $precision)" \
                -v p="$(field fp32_seconds $precision)" -v h="$(field bf16_seconds $precision)" 'BEGIN {
                if (k == "auto") k = plan == "bfloat16" ? "auto:bf16" : "auto:fp32"
                printf "%-13s %-10s %-9s %12.1f %6.1f %6.1f %4.0f%% %6d %5d", n, z, k,
                    1e3*s, 1e3*c, 1e3*g, 100*(c+g)/s, m, t
                if (p > 0) {
                    half = (h > 0) ? sprintf("%.1f", 1e3*h) : "-"
                    best = (h > 0 && h + 0 < p + 0) ? h : p
                    printf " %13.1f %6s %6.1f", 1e3*p, half, best / s
                }
                print "" }'
        done
    done
done
