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

say() { # NAME TEXT, with printf's escapes
    printf "$2" >"$out/$1"
}

case $kind in
    pickle)
        take $weights/*.pth $data/bad/*.pth
        for f in zip checkpoint protocol4; do unzip -p $weights/$f.pth "*/data.pkl" >"$out/$f.pkl"; done ;;
    npz) take $weights/*.npz $data/bad/*.npz ;;
    safetensors) take $weights/*.safetensors $data/ok/*.safetensors $data/bad/*.safetensors ;;
    jpeg) take $pictures/*.jpg $data/ok/*.jpg $data/bad/*.jpg ;;
    png) take $pictures/*.png $data/ok/*.png $data/bad/*.png ;;
    webp) take $pictures/*.webp $data/bad/*.webp ;;
    itxt) take $pictures/job.png $data/bad/job-*.png $data/ok/*.png ;;
    job)
        take assets/*.ini $data/ok/*.ini $data/bad/*.ini
        # Every key once.
        say lists '[job]\ncontent=a b.jpg\nstyles=a.png, blank, %%2C.jpg\nblend=true\n'
        say crops '[job]\nstyles=x.jpg\nstyle_crops=1/8@0.3,0.6\nstyle_layer_weight_exp=1.5\n'
        say words '[job]\nnetwork=random:vgg19\ninitial=noise\nschedule=classic\npyramid=3\n'
        say choices '[job]\noptimizer=adam\npooling=avg\nprecision=bf16\nconvolution=direct\n'
        say sizes '[job]\nmemory=1.5G\nthreads=4\nseed=18446744073709551615\nwidth=512\n'
        say reals '[job]\nbeta1=0.9\nbeta2=0.999\neps=1e-8\ntv_weight=1e2\nlearning_rate=10\n'
        say noise '[job]\ninitial_noiseblend=0.5\niterations=9\npreserve_colors=true\noutput=o.png\n'
        say pull '[job]\ncontent_weight=5\ncontent_weight_blend=1\nstyle_weight=500\n'
        say here '[job]\ncontent=/home/strata/./c\ninitial=/home/strata/noise\nstyles=././/a\n'
        say escaped '[channel relu1_1]\nstyle=%%67rey\n[channel relu2_1]\nstyle=./grey\n'
        say edits '[edit 0]\nrelu1_1.style=none\n[edit 7]\nrelu2_1.weight=2\nrelu2_1.crop=1/2\nrelu3_1.state=grey\n'
        say lost '[edit 5]\nbefore=lost\ntv_weight=1\n[edit 5]\niterations=9\npreserve_colors=true\n'
        say blends '[edit 1]\nblend=true\nstyles=a,b\nstyle_blend_weights=1,3\n[edit 2]\nblend=false\n'
        say shares '[job]\nstyles=a,b\nstyle_blend_weights=1,2\nstyle_scales=0.5,2\n' ;;
    replies)
        say attributes '\033[?62;4;22c\033[>41;379;0c\033[=1c'
        say sizes 'a\033[6;20;10t\033[?1;0;256S\033[?2026;2$yb\033[0n'
        say strings '\033P>|XTerm(379)\033\\x\033_Gi=31;OK\033\\y\033]11;rgb:0/0/0\007z'
        say keys '\033[A\033OP\033[1;2R\033[15~\033\033[A\033a\033[<0;12;7M\033[<0;12;7m\303\266'
        say mouse 'a\377\010\033[M !!\033[M#@@b\377\010\033[\377\012M !!'
        say pieces '\033\377\000[?62;4\377\004;22c\377\021\033P>|X\377\005T\033\377\005\\'
        say late '\033\377\023[?62c\033P>|long\377\027\033[\377\002\377\003' ;;
    checkpoint) # without its checksum
        rm -rf build-fuzz/state
        for words in "--optimizer adam" "--optimizer lbfgs --schedule classic"; do
            XDG_STATE_HOME=$PWD/build-fuzz/state ${STRATA:-build/strata} run assets/coast.jpg assets/glass.jpg \
                --network random:4 --width 12 --iterations 2 $words --output build-fuzz/seed.png --overwrite \
                --anew >/dev/null
        done
        for f in build-fuzz/state/strata/runs/*/checkpoint; do
            head -c -4 "$f" >"$out/$(basename "$(dirname "$f")")"
        done ;;
    attach)
        say hello '\006strata\001\001\001\000\000\000TERM=xterm\000COLORTERM=truecolor\000STRATA_UTF8=1\000'
        say end '\000strata\001\006\002\000\000\000a sentence'
        say go '\000strata\001\004\000\000\000\000/a/folder'
        say version '\000strata\002\001\000\000\000\000' ;;
    *) echo "seeds.sh: there are none of the kind $kind" >&2; exit 2 ;;
esac
