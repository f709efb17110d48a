#!/usr/bin/env bash
# bench.sh STRATA [ROUNDS]: milliseconds of an iteration and peak memory, one line per network and
# size; beside PyTorch, in turns, where python3-torch is installed. Medians over the rounds.
set -eu
cd "$(dirname "$0")/.."
strata=$1 rounds=${2:-3}
peer=; python3 -c 'import torch' 2>/dev/null && peer=python3
[ -z "$peer" ] && /usr/bin/python3 -c 'import torch' 2>/dev/null && peer=/usr/bin/python3

median() { sort -g | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
field() { sed -E "s/.*\"$1\":([0-9.e-]+).*/\1/" "$2"; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "network       size       ms/iteration  conv  Gram  share     MB   PyTorch ms     MB  ratio"
for network in strata16 random:vgg19; do
    first=16; [ "$network" = random:vgg19 ] && first=64
    for size in 256x256 512x512 1024x1024; do
        rm -f "$folder"/*
        for round in $(seq "$rounds"); do
            "$strata" bench --network $network --size $size --iterations 5 --json >"$folder/$round.json"
            [ -z "$peer" ] || $peer tests/bench_peer.py $size $first 3 >"$folder/$round.peer"
        done
        s=$(for f in "$folder"/*.json; do field seconds_per_iteration "$f"; done | median)
        c=$(for f in "$folder"/*.json; do field conv_seconds "$f"; done | median)
        g=$(for f in "$folder"/*.json; do field gram_seconds "$f"; done | median)
        m=$(for f in "$folder"/*.json; do field peak_rss_mb "$f"; done | median)
        p=0 pm=0
        if [ -n "$peer" ]; then
            p=$(cat "$folder"/*.peer | median)
            pm=$(awk '{ print $2 }' "$folder"/*.peer | median)
        fi
        awk -v n=$network -v z=$size -v s="$s" -v c="$c" -v g="$g" -v m="$m" -v p="$p" -v pm="$pm" 'BEGIN {
            printf "%-13s %-9s %10.1f %8.1f %5.1f %5.0f%% %6d", n, z, 1e3*s, 1e3*c, 1e3*g, 100*(c+g)/s, m
            if (p > 0) printf " %10.1f %8d %6.1f", 1e3*p, pm, p/s
            print "" }'
    done
done
