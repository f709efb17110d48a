#!/usr/bin/python3
"""How much of a style a network carries over, as other networks, the critics, see it.

critic.py --critic FILE... [--network NAME|FILE] [--style-weight W] [--keep FOLDER] CONTENT:STYLE...

Each pair is cut to 384x288 and painted by `strata run`. Of each style layer that a critic has it prints
|G(painted) - G(style)|^2 over |G(content) - G(style)|^2, G being the critic's Gram matrices: 1 is the
content, 0 the style; at the end the geometric means. A critic may be VGG-19's first layers alone.
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


def fitted(path):
    """The middle of the picture at SIZE."""
    image = Image.open(path).convert('RGB')
    w, h = image.size
    k = min(w / SIZE[0], h / SIZE[1])
    x, y = (w - k * SIZE[0]) / 2, (h - k * SIZE[1]) / 2
    return image.resize(SIZE, Image.Resampling.LANCZOS, (x, y, w - x, h - y))


class Critic:
    def __init__(self, path):
        weights, meta = read(path)
        self.name = os.path.splitext(os.path.basename(path))[0]
        self.weights = {n: [t.double() for t in p] for n, p in weights.items()}
        self.bgr = meta.get('strata.order') == 'bgr'
        middle = [float(v) for v in meta['strata.mean'].split(',')]
        self.mean = torch.tensor(middle[::-1] if self.bgr else middle, dtype=torch.float64)
        self.taps = [t for t in STYLE if t in weights]

    def grams(self, path):
        x = torch.from_numpy(np.asarray(Image.open(path).convert('RGB')).astype(np.float64))
        x = x.permute(2, 0, 1)[None] - self.mean.view(1, 3, 1, 1)
        f = features(self.weights, x.flip(1) if self.bgr else x)
        flat = [f[tap][0].flatten(1) for tap in self.taps]
        return [m @ m.T / m.numel() for m in flat]

    def left(self, *paths):
        """Per style layer, for content, style, painted."""
        return [float((p - s).square().sum() / (c - s).square().sum())
                for c, s, p in zip(*(self.grams(path) for path in paths))]


def mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def line(name, values):
    print(f'{name:40}' + ''.join(f'{v:9.3f}' for v in [*values, mean(values)]), flush=True)


def paint(a, folder):
    """c1.png s1.png o1.png ... in the folder; the finished losses."""
    losses = []
    for i, pair in enumerate(a.pairs, 1):
        c, s, o = (f'{folder}/{k}{i}.png' for k in 'cso')
        for source, path in zip(pair.split(':'), (c, s)):
            fitted(source).save(path)
        said = subprocess.run([a.strata, 'run', '--network', a.network, '--content', c, '--styles', s,
                               '--output', o, '--style-weight', a.style_weight, '--overwrite',
                               '--print-iterations', '1000', '--progress', 'json'],
                              check=True, stdout=subprocess.PIPE)
        losses.append(json.loads(said.stdout.splitlines()[-1]))
    return losses


def judge(critic, a, folder):
    rows = []
    print(f'{critic.name:40}' + ''.join(f'{"relu" + t:>9}' for t in critic.taps) + '     mean')
    for i, pair in enumerate(a.pairs, 1):
        rows.append(critic.left(*(f'{folder}/{k}{i}.png' for k in 'cso')))
        line(':'.join(os.path.splitext(os.path.basename(f))[0] for f in pair.split(':')), rows[-1])
    line(f'{len(rows)} pairs', [mean(r) for r in zip(*rows)])


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('--critic', required=True, action='append')
    p.add_argument('--network', default='strata16')
    p.add_argument('--style-weight', default='30000', help='high, so that little else is asked for')
    p.add_argument('--strata', default='build/strata')
    p.add_argument('--keep', metavar='FOLDER', help='leave the pictures there: c1.png s1.png o1.png ...')
    p.add_argument('pairs', nargs='+', metavar='CONTENT:STYLE')
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as scratch, torch.no_grad():
        folder = a.keep or scratch
        os.makedirs(folder, exist_ok=True)
        losses = paint(a, folder)
        for path in a.critic:
            judge(Critic(path), a, folder)
    print('finished losses, geometric means: ' + ', '.join(
        f'{k} {mean([l[k] for l in losses]):.0f}' for k in ('content', 'style', 'tv')))


if __name__ == '__main__':
    sys.exit(main())
