#!/usr/bin/python3
"""full_weights.py: `strata weights import` at full size, beyond what `make test` tries on small
files. A network of VGG-19's widths in every layout of tests/ref/make_weights_files.py (1 GB in
TMPDIR) must import bit by bit and give the same losses, torchvision's those of its normalisation;
and where PTH and WEIGHTS name them, vgg19-se16x.pth the features of vgg19-se16x.safetensors up to a
factor for each layer.

Environment: STRATA, the program (build/strata). Ends with "N passed, N failed"; 77: nothing to do.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'ref'))
try:
    import h5py     # noqa: F401, of make_weights_files.py
    import numpy as np
    import scipy    # noqa: F401
    import torch
    from PIL import Image
    from objective import MEAN, STYLE, features, gram, read_safetensors
except ImportError as error:
    sys.exit(print('skipped:', error) or 77)

STRATA = os.environ.get('STRATA', 'build/strata')
MAKE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'ref', 'make_weights_files.py')
RGB = ['old.mat', 'older.mat', 'new.mat', 'zip.pth', 'legacy.pth', 'protocol4.pth']
BGR = ['keras1.h5', 'keras2.h5', 'checkpoint.pth', 'caffe.npz', 'hwio.npz', 'caffe.safetensors']
results = []


def verdict(good, what):
    results.append(bool(good))
    print('ok  ' if good else 'FAIL', what, flush=True)


def run(*words):
    return subprocess.run([STRATA, *words], stdout=subprocess.PIPE, check=True).stdout


def imported(path, folder, *options):
    out = os.path.join(folder, os.path.basename(path) + '.imported')
    start = time.time()
    run('weights', 'import', path, '-o', out, '--overwrite', '--as-is', *options)  # random numbers
    return out, time.time() - start


def tensors(path):
    """The bytes behind the header."""
    raw = open(path, 'rb').read()
    return raw[8 + struct.unpack('<Q', raw[:8])[0]:]


def losses(network, folder, size):
    return json.loads(run('eval', '--content', f'{folder}/content.png', '--styles',
                          f'{folder}/style.png', '--image', f'{folder}/image.png', '--width',
                          str(size), '--convolution', 'direct', '--json', '--network', network))


def pictures(folder, size):
    random = np.random.RandomState(5)
    made = []
    for name in ('content', 'style', 'image'):
        small = Image.fromarray(random.randint(0, 256, (8, 8, 3), dtype='u1'))
        picture = small.resize((size, size), Image.BICUBIC)
        picture.save(f'{folder}/{name}.png')
        made.append(torch.from_numpy(np.asarray(picture).astype('f8')).permute(2, 0, 1)[None])
    return made


def check_full_size(folder):
    size = 64
    content, style, image = pictures(folder, size)
    subprocess.run([sys.executable, MAKE, folder, '64'], check=True)
    want = losses(f'{folder}/net.safetensors', folder, size)
    reference = {True: tensors(f'{folder}/net.safetensors')}
    reference[False] = tensors(f'{folder}/caffe.safetensors')[:len(reference[True])]
    for name in RGB + BGR:
        options = ['--order', 'rgb', '--mean', ','.join(map(str, MEAN))] if name[-4:] == '.pth' and \
            name in RGB else []
        out, seconds = imported(f'{folder}/{name}', folder, *options)
        same = tensors(out) == reference[name in RGB]
        verdict(same and losses(out, folder, size) == want,
                f'{name}: bit by bit, same losses, {seconds:.1f} s')
        os.unlink(out)
    out, _ = imported(f'{folder}/zip.pth', folder)
    got, network = losses(out, folder, size), read_safetensors(f'{folder}/net.safetensors')
    mean, deviation, plain = (torch.tensor(v, dtype=torch.float64).view(1, 3, 1, 1) for v in
                              ([.485, .456, .406], [.229, .224, .225], MEAN))
    fc, fs, fx = (features((x / 255 - mean) / deviation + plain, network, 'max')
                  for x in (content, style, image))
    expected = [5 * ((fx['4_2'] - fc['4_2']) ** 2).mean()] + \
        [100 * ((gram(fx[l]) - gram(fs[l])) ** 2).mean() for l in STYLE]
    off = max(abs(a / float(b) - 1) for a, b in
              zip([got['content'], *got['style_layers'].values()], expected))
    verdict(off < 1e-4, f"zip.pth as torchvision's: losses {off:.1e} off PyTorch's")


def check_distilled(folder, pth, safetensors):
    out, _ = imported(pth, folder)
    x = torch.from_numpy(np.random.RandomState(3).uniform(0, 255, (1, 3, 96, 96)))
    ours, theirs = (features(x, read_safetensors(p), 'max') for p in (out, safetensors))
    worst, factors = 0., []
    for layer in theirs:
        factor = float((ours[layer] * theirs[layer]).sum() / (ours[layer] ** 2).sum())
        factors.append(f'{factor:.4g}')
        worst = max(worst, float((factor * ours[layer] - theirs[layer]).norm() / theirs[layer].norm()))
    verdict(ours.keys() == theirs.keys() and worst < 1e-5,
            f'{os.path.basename(pth)}: features off by {worst:.1e} with factors {" ".join(factors)}')


def main():
    pth, safetensors = os.environ.get('PTH', ''), os.environ.get('WEIGHTS', '')
    with tempfile.TemporaryDirectory() as folder:
        if os.path.exists(pth) and os.path.exists(safetensors):
            check_distilled(folder, pth, safetensors)
        check_full_size(folder)
    print(f'{sum(results)} passed, {len(results) - sum(results)} failed')
    return not all(results)


sys.exit(main())
