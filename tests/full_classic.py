#!/usr/bin/python3
"""full_classic.py: whole runs of `strata neural-style` against the same runs in PyTorch, float64: the objective of
tests/ref/objective.py under Adam as TensorFlow 1 has it, from the same pixels.

Environment: PICTURES, a folder with at least four PNG or JPEG files; WEIGHTS, a safetensors network;
STRATA, the program (build/strata). Ends with "N passed, N failed"; exit status 77: nothing to do.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'ref'))
try:
    import numpy as np
    import torch
    from PIL import Image
    from objective import STYLE, features, gram, losses, read_safetensors
except ImportError as error:
    sys.exit(print('skipped:', error) or 77)

STRATA = os.environ.get('STRATA', 'build/strata')
# The largest relative error of any printed total. What float32 rounds grows tenfold in some
# five iterations: 1e-7 in the first ten, up to 4e-3 at 25, 1e-2 at 40; Winograd's algorithm begins at 1e-6.
ITERATIONS, LIMIT = 15, 1e-3
CASES = {  # styles, options
    'as it is': (1, []),
    'two styles': (2, ['--style-blend-weights', '3', '1']),
    'weights': (1, ['--content-weight', '10', '--style-weight', '100', '--tv-weight', '30']),
    'layer exponent': (1, ['--style-layer-weight-exp', '1.6']),
    'rate and betas': (1, ['--learning-rate', '4', '--beta1', '0.8', '--beta2', '0.99', '--eps', '1e-4']),
    'average pooling': (1, ['--pooling', 'avg']),
}


def value(options, name, default):
    return float(options[options.index(name) + 1]) if name in options else default


def load(path):
    return torch.from_numpy(np.asarray(Image.open(path)).astype(np.float64)).permute(2, 0, 1)[None]


def totals_of_torch(folder, network, count, options):
    """The total before each step and after the last."""
    pooling = 'avg' if '--pooling' in options else 'max'
    share = [value(options, '--style-blend-weights', 1.), 1.][:count]
    e = value(options, '--style-layer-weight-exp', 1.)
    layer = [5 * e ** i / sum(e ** k for k in range(5)) for i in range(5)]
    weights = (value(options, '--content-weight', 5.), 1., value(options, '--style-weight', 500.),
               value(options, '--tv-weight', 100.), layer)
    rate, beta1 = value(options, '--learning-rate', 10.), value(options, '--beta1', .9)
    beta2, eps = value(options, '--beta2', .999), value(options, '--eps', 1e-8)
    content, x = load(f'{folder}/content.png'), load(f'{folder}/x.png')
    with torch.no_grad():
        of = [features(load(f'{folder}/s{i}.png'), network, pooling) for i in range(count)]
        targets = {l: [(v / sum(share), gram(f[l])) for v, f in zip(share, of)] for l in STYLE}
    m, v, totals = torch.zeros_like(x), torch.zeros_like(x), []
    for t in range(1, ITERATIONS + 2):
        x.requires_grad_(True)
        c, s, tv = losses(x, content, targets, network, pooling, weights)
        total = c + sum(s) + tv
        totals.append(float(total))
        g, = torch.autograd.grad(total, x)
        with torch.no_grad():
            m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
            x = x - rate * np.sqrt(1 - beta2 ** t) / (1 - beta1 ** t) * m / (v.sqrt() + eps)
    return totals


def totals_of_strata(folder, weights, count, options):
    out = subprocess.run(
        [STRATA, 'neural-style', '--content', f'{folder}/content.png', '--styles',
         *(f'{folder}/s{i}.png' for i in range(count)), '--initial', f'{folder}/x.png', '--output',
         f'{folder}/o.png', '--overwrite', '--network', weights, '--iterations', str(ITERATIONS),
         '--precision', 'fp32', '--convolution', 'direct', '--progress', 'json', *options], stdout=subprocess.PIPE, check=True).stdout
    rows = [json.loads(line) for line in out.splitlines()]
    return {row['iteration']: row['total'] for row in rows if 'total' in row}


def check(name, folder, weights, network, count, options):
    got, want = totals_of_strata(folder, weights, count, options), \
        totals_of_torch(folder, network, count, options)
    off = {i: abs(total - want[i]) / want[i] for i, total in got.items()}
    good = len(off) >= ITERATIONS and ITERATIONS in off and max(off.values()) <= LIMIT
    print(f'{"ok  " if good else "FAIL"} {name}: {len(off)} totals off by at most '
          f'{max(off.values()):.1e}, the last by {off.get(ITERATIONS, 1):.1e}')
    return good


def main():
    pictures = sorted(glob.glob(os.path.join(os.environ.get('PICTURES', ''), '*.[jp][pn]g')))
    weights = os.environ.get('WEIGHTS', '')
    if len(pictures) < 4 or not os.path.exists(weights):
        return print('skipped: set PICTURES to a folder with four pictures and WEIGHTS to a file') or 77
    network = read_safetensors(weights)
    with tempfile.TemporaryDirectory() as folder:
        for name, path in zip(('content', 'x', 's0', 's1'), pictures):
            picture = Image.open(path).convert('RGB')
            picture.resize((160, 101 if name in ('content', 'x') else 120)).save(f'{folder}/{name}.png')
        results = [check(name, folder, weights, network, *case) for name, case in CASES.items()]
    print(f'{sum(results)} passed, {len(results) - sum(results)} failed')
    return not all(results)


sys.exit(main())
