#!/usr/bin/env bash
# bench.sh STRATA [ROUNDS]: milliseconds of an iteration, the convolutions' share and peak memory, one
# line for each network, size and precision; beside PyTorch, in turns, where python3-torch is
# installed. Medians over the rounds.
set -eu
cd "$(dirname "$0")/.."
strata=$1 rounds=${2:-5}
peer=; python3 -c 'import torch' 2>/dev/null && peer=python3
[ -z "$peer" ] && /usr/bin/python3 -c 'import torch' 2>/dev/null && peer=/usr/bin/python3

median() { sort -g | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
field() { sed -E "s/.*\"$1\":([0-9.e-]+).*/\1/" "$2"; }
over() { for f in "$folder/$1".*.json; do field "$2" "$f"; done | median; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "network       size      precision ms/iteration   conv   Gram share     MB told   PyTorch ms     MB  ratio"
for network in strata16 random:vgg19; do
    first=16; [ "$network" = random:vgg19 ] && first=64
    for size in 256x256 512x512 1024x1024; do
        rm -f "$folder"/*
        for round in $(seq "$rounds"); do
            for precision in fp32 bf16; do
                "$strata" bench --network $network --size $size --iterations 5 \
                    --precision $precision --json >"$folder/$precision.$round.json"
            done
            [ -z "$peer" ] || $peer tests/bench_peer.py $size $first 2 >"$folder/$round.peer"
        done
        for precision in fp32 bf16; do
            p=0 pm=0
            if [ -n "$peer" ]; then
                p=$(cat "$folder"/*.peer | median)
                pm=$(awk '{ print $2 }' "$folder"/*.peer | median)
            fi
            awk -v n=$network -v z=$size -v k=$precision \
                -v s="$(over $precision seconds_per_iteration)" \
                -v c="$(over $precision conv_seconds)" -v g="$(over $precision gram_seconds)" \
                -v m="$(over $precision peak_rss_mb)" -v t="$(over $precision predicted_mb)" \
                -v p="$p" -v pm="$pm" 'BEGIN {
                printf "%-13s %-9s %-9s %12.1f %6.1f %6.1f %4.0f%% %6d %4d", n, z, k,
                    1e3*s, 1e3*c, 1e3*g, 100*(c+g)/s, m, t
                if (p > 0) printf " %12.1f %6d %6.1f", 1e3*p, pm, p/s
                print "" }'
        done
    done
done
