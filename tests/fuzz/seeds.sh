#!/usr/bin/env bash
# seeds.sh KIND FOLDER: small files for the fuzzer to begin with, out of those that other tests have.
set -eu
cd "$(dirname "$0")/../.."
kind=$1 out=$2 data=tests/data weights=tests/data/weights pictures=tests/ref/images
mkdir -p "$out"

take() { # FILE...: those that are small and not empty
    local f
    for f in "$@"; do
        [ -s "$f" ] && [ "$(stat -c %s "$f")" -le 65536 ] || continue
        cp "$f" "$out/$(basename "$(dirname "$f")")-$(basename "$f")"
    done
}

case $kind in
    pickle)
        take $weights/*.pth $data/bad/*.pth
        for f in zip checkpoint protocol4; do unzip -p $weights/$f.pth "*/data.pkl" >"$out/$f.pkl"; done ;;
    npz) take $weights/*.npz $data/bad/*.npz ;;
    safetensors) take $weights/*.safetensors $data/ok/*.safetensors $data/bad/*.safetensors ;;
    *) echo "seeds.sh: there are none of the kind $kind" >&2; exit 2 ;;
esac
