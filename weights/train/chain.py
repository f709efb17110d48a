"""The chain of layers of VGG-19, and safetensors files of its weights.

Weights are {'1_1': [kernel, bias], ...}; features {'1_1': after ReLU, ...}; pictures are 0 to 255 minus MEAN.
"""
import json
import os
import struct

import numpy as np
import torch
import torch.nn.functional as F

MEAN = (123.68, 116.779, 103.939)
NAMES = [f'{b}_{i}' for b, n in enumerate((2, 2, 4, 4, 2), 1) for i in range(1, n + 1)]
STYLE = ('1_1', '2_1', '3_1', '4_1', '5_1')


def chain(x, layer, names=NAMES):
    """The features of every layer, `layer(name, h)` being the convolution and what follows it."""
    out = {}
    for name in names:
        if name[2] == '1' and name != '1_1':
            x = F.max_pool2d(x, 2, 2, ceil_mode=True)
        x = out[name] = F.relu(layer(name, x))
    return out


def features(weights, x):
    return chain(x, lambda n, h: F.conv2d(h, *weights[n], padding=1), [n for n in NAMES if n in weights])


def read(path):
    """Weights and metadata of a safetensors file."""
    with open(path, 'rb') as f:
        header = json.loads(f.read(struct.unpack('<Q', f.read(8))[0]))
        data = f.read()
    meta, out = header.pop('__metadata__', {}), {}
    for name in NAMES:
        if f'conv{name}.weight' in header:
            out[name] = [tensor(header[f'conv{name}.{part}'], data) for part in ('weight', 'bias')]
    return out, meta


def tensor(entry, data):
    raw = data[slice(*entry['data_offsets'])]
    a = np.frombuffer(raw, {'F16': '<f2', 'F32': '<f4'}[entry['dtype']])
    return torch.from_numpy(a.astype(np.float32).reshape(entry['shape']))


def write(path, weights, metadata):
    """safetensors in half precision: length of the header, header in JSON, data."""
    arrays = {f'conv{n}.{part}': t.detach().numpy().astype('<f2') for n, p in weights.items()
              for part, t in zip(('weight', 'bias'), p)}
    assert all(np.isfinite(a).all() for a in arrays.values()), 'a weight is beyond half precision'
    header, at = {'__metadata__': metadata}, 0
    for name, a in arrays.items():
        header[name] = {'dtype': 'F16', 'shape': a.shape, 'data_offsets': (at, at + a.nbytes)}
        at += a.nbytes
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path + '.tmp', 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + b''.join(a.tobytes() for a in arrays.values()))
    os.replace(path + '.tmp', path)
