#!/usr/bin/python3
"""Writes the reference tensors that tests compare with: the objective (objective.py) and Adam, in float64, by
PyTorch (Debian's python3-torch), on a tiny random network and pictures of odd size.

make_reference.py FOLDER      writes FOLDER/tiny.safetensors and FOLDER/*.bin

A .bin file: magic "STRB", version 1, rank, dimensions (all uint32, little endian), then float64.
"""
import json
import struct
import sys

import numpy as np
import torch

from objective import MEAN, STYLE, features, gram, losses

BLOCKS = [(1, 2, 8), (2, 2, 12), (3, 4, 16), (4, 4, 24), (5, 2, 20)]    # block, layers, width
H, W = 21, 33


def write_bin(path, tensor):
    a = np.ascontiguousarray(torch.as_tensor(tensor).detach().double().numpy())
    with open(path, 'wb') as f:
        f.write(b'STRB' + struct.pack(f'<{2 + a.ndim}I', 1, a.ndim, *a.shape) + a.tobytes())


def write_safetensors(path, tensors, metadata):
    header, blob = {'__metadata__': metadata}, b''
    for name, t in tensors.items():
        raw = t.numpy().astype('<f4').tobytes()
        header[name] = {'dtype': 'F32', 'shape': list(t.shape),
                        'data_offsets': [len(blob), len(blob) + len(raw)]}
        blob += raw
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    open(path, 'wb').write(struct.pack('<Q', len(text)) + text + blob)


def make_network(generator):
    """Random kernels, stored in BGR order, with biases; returns them for RGB in float64."""
    stored, used, channels = {}, {}, 3
    for block, layers, width in BLOCKS:
        for i in range(1, layers + 1):
            name = f'{block}_{i}'
            k = torch.randn(width, channels, 3, 3, generator=generator) * (2 / (9 * channels)) ** .5
            b = torch.randn(width, generator=generator) * 5
            stored[f'conv{name}.weight'], stored[f'conv{name}.bias'] = k, b
            used[name] = (k.flip(1) if channels == 3 else k).double(), b.double()
            channels = width
    return stored, used


def main(folder):
    g = torch.Generator().manual_seed(7)
    stored, network = make_network(g)
    write_safetensors(f'{folder}/tiny.safetensors', stored,
                      {'strata.order': 'bgr', 'strata.mean': ','.join(map(str, MEAN[::-1])),
                       'strata.source': 'random, tests/ref', 'strata.licence': 'MIT'})
    picture = lambda h, w: torch.randint(0, 256, (1, 3, h, w), generator=g).double()
    content, x = picture(H, W), picture(H, W)
    styles = [picture(H + 4 * i, W) for i in range(5)]
    white = torch.full_like(content, 255.)
    write_bin(f'{folder}/content.bin', content[0])
    write_bin(f'{folder}/x.bin', x[0])
    for i, s in enumerate(styles):
        write_bin(f'{folder}/style{i}.bin', s[0])

    def take(picture, pooling):
        return {l: gram(features(picture, network, pooling)[l]) for l in STYLE}

    for pooling in ('max', 'avg'):
        grams = [take(s, pooling) for s in styles]
        blank = take(white, pooling)
        ones = [1.] * 5
        cases = {
            'one': ({l: [(1., grams[0][l])] for l in STYLE}, (5, 1, 500, 100, ones)),
            'five': ({l: [(1., grams[i][l])] for i, l in enumerate(STYLE)},
                     (5, 1, 100, 100, [1., 2., .5, 0., 1.5])),
            'states': ({'1_1': [(1., blank['1_1'])], '2_1': [(1., grams[1]['2_1'])], '3_1': [],
                        '4_1': [(1., blank['4_1'])], '5_1': []}, (5, 1, 500, 100, ones)),
            'blend': ({l: [(.5, grams[0][l]), (.3, grams[1][l]), (.2, grams[2][l])] for l in STYLE},
                      (5, .5, 500, 100, ones)),
        }
        for name, (targets, weights) in cases.items():
            at = x.clone().requires_grad_(True)
            c, s, tv = losses(at, content, targets, network, pooling, weights)
            total = c + sum(s) + tv
            total.backward()
            write_bin(f'{folder}/{pooling}-{name}-losses.bin', torch.stack([total, c, sum(s), tv, *s]))
            write_bin(f'{folder}/{pooling}-{name}-gradient.bin', at.grad[0].float())

    # Twenty steps of Adam as TensorFlow 1 has it, from the content: the totals before each step.
    grams = [take(s, 'max') for s in styles]
    targets = {l: [(1., grams[i][l])] for i, l in enumerate(STYLE)}
    at, m, v, totals = content.clone(), 0., 0., []
    for t in range(1, 21):
        at = at.detach().requires_grad_(True)
        c, s, tv = losses(at, content, targets, network, 'max', (5, 1, 500, 100, [1.] * 5))
        total = c + sum(s) + tv
        totals.append(total.detach())
        total.backward()
        m, v = .9 * m + .1 * at.grad, .999 * v + .001 * at.grad ** 2
        at = at - 10 * (1 - .999 ** t) ** .5 / (1 - .9 ** t) * m / (v.sqrt() + 1e-8)
    write_bin(f'{folder}/adam-totals.bin', torch.stack(totals))


main(sys.argv[1])
