#!/usr/bin/python3
"""How much of a style a network carries over, as another network, the critic, sees it.

critic.py --critic CRITIC.safetensors [--network NAME|FILE] [--keep FOLDER] CONTENT:STYLE...

Each pair is cut to 384x288 and painted by `strata run` in 300 Adam steps from the content, one size, a
falling rate, default weights. Of each style layer it prints |G(painted) - G(style)|^2 over
|G(content) - G(style)|^2, G being the critic's Gram matrices: 1 is the content, 0 the style; at the end
the geometric mean of all.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image

from chain import STYLE, features, read

SIZE = (384, 288)
SETTINGS = ('--schedule fast --optimizer adam --pyramid off --initial-noiseblend 0 --iterations 300 '
            '--learning-rate 10 --overwrite --print-iterations 300 --progress json').split()


def fitted(path):
    """The middle of the picture at SIZE."""
    image = Image.open(path).convert('RGB')
    w, h = image.size
    k = min(w / SIZE[0], h / SIZE[1])
    x, y = (w - k * SIZE[0]) / 2, (h - k * SIZE[1]) / 2
    return image.resize(SIZE, Image.Resampling.LANCZOS, (x, y, w - x, h - y))


def grams(weights, mean, order, path):
    x = torch.from_numpy(np.asarray(Image.open(path).convert('RGB')).astype(np.float64))
    x = x.permute(2, 0, 1)[None] - torch.tensor(mean, dtype=torch.float64).view(1, 3, 1, 1)
    f = features(weights, x.flip(1) if order == 'bgr' else x)
    flat = {tap: f[tap][0].flatten(1) for tap in STYLE}
    return {tap: m @ m.T / m.numel() for tap, m in flat.items()}


def left(g):
    """Per style layer; g: the Gram matrices of content, style, painted."""
    content, style, painted = g
    return [float((painted[t] - style[t]).square().sum() / (content[t] - style[t]).square().sum())
            for t in STYLE]


def mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def line(name, values):
    print(f'{name:40}' + ''.join(f'{v:9.3f}' for v in [*values, mean(values)]), flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--critic', required=True)
    p.add_argument('--network', default='strata16')
    p.add_argument('--strata', default='build/strata')
    p.add_argument('--keep', metavar='FOLDER', help='leave the pictures there: c1.png s1.png o1.png ...')
    p.add_argument('pairs', nargs='+', metavar='CONTENT:STYLE')
    a = p.parse_args()
    weights, meta = read(a.critic)
    critic = {n: [t.double() for t in p] for n, p in weights.items()}
    order = meta.get('strata.order', 'rgb')
    middle = [float(v) for v in meta['strata.mean'].split(',')]
    middle = middle[::-1] if order == 'bgr' else middle
    rows, losses = [], []
    with tempfile.TemporaryDirectory() as scratch, torch.no_grad():
        folder = a.keep or scratch
        os.makedirs(folder, exist_ok=True)
        line_of = f'{"":40}' + ''.join(f'{"relu" + t:>9}' for t in STYLE) + '     mean'
        print(line_of)
        for i, pair in enumerate(a.pairs, 1):
            c, s, o = (f'{folder}/{k}{i}.png' for k in 'cso')
            for source, path in zip(pair.split(':'), (c, s)):
                fitted(source).save(path)
            said = subprocess.run([a.strata, 'run', '--network', a.network, '--content', c, '--styles', s,
                                   '--output', o, *SETTINGS], check=True, stdout=subprocess.PIPE)
            losses.append(json.loads(said.stdout.splitlines()[-1]))
            rows.append(left([grams(critic, middle, order, f) for f in (c, s, o)]))
            line(':'.join(os.path.splitext(os.path.basename(f))[0] for f in pair.split(':')), rows[-1])
    line(f'{len(rows)} pairs', [mean(r) for r in zip(*rows)])
    print('finished losses, geometric means: ' + ', '.join(
        f'{k} {mean([l[k] for l in losses]):.0f}' for k in ('content', 'style', 'tv')))


if __name__ == '__main__':
    sys.exit(main())
