"""The objective (formulas: engine/README.md) in PyTorch float64: the oracle that make_reference.py and
tests/full.py share. Written from the formulas, independent of the C code."""
import json
import struct

import numpy as np
import torch
import torch.nn.functional as F

MEAN = (123.68, 116.779, 103.939)
STYLE = ['1_1', '2_1', '3_1', '4_1', '5_1']


def read_safetensors(path):
    """{layer: (kernel, bias)} for RGB input, in float64."""
    raw = open(path, 'rb').read()
    n, = struct.unpack('<Q', raw[:8])
    header = json.loads(raw[8:8 + n])
    metadata = header.pop('__metadata__', {})
    types = {'F32': '<f4', 'F16': '<f2'}
    tensors = {name: torch.from_numpy(np.frombuffer(
        raw[8 + n + t['data_offsets'][0]:8 + n + t['data_offsets'][1]], types[t['dtype']])
        .astype(np.float64).reshape(t['shape'])) for name, t in header.items()}
    network = {name[4:-7]: (tensors[name], tensors[name[:-7] + '.bias'])
               for name in tensors if name.endswith('.weight')}
    if metadata.get('strata.order', 'rgb') == 'bgr':
        network['1_1'] = network['1_1'][0].flip(1), network['1_1'][1]
    return dict(sorted(network.items()))


def features(x, network, pooling):
    h, out, block = x - torch.tensor(MEAN, dtype=torch.float64).view(1, 3, 1, 1), {}, '1'
    for name, (kernel, bias) in network.items():
        if name[0] != block:
            block = name[0]
            h = F.max_pool2d(h, 2, ceil_mode=True) if pooling == 'max' else \
                F.avg_pool2d(h, 2, ceil_mode=True, count_include_pad=False)
        h = out[name] = F.relu(F.conv2d(h, kernel, bias, padding=1))
    return out


def gram(f):
    m = f[0].flatten(1)
    return m @ m.T / m.numel()


def losses(x, content, targets, network, pooling, weights):
    """targets: layer -> list of (share, Gram matrix); returns content, style per layer, tv."""
    cw, blend, sw, tw, layer = weights
    fx, fc = features(x, network, pooling), features(content, network, pooling)
    c = sum(cw * b * ((fx[l] - fc[l]) ** 2).mean() for l, b in (('4_2', blend), ('5_2', 1 - blend))
            if b)
    s = [sw / 5 * layer[i] * sum((share * ((gram(fx[l]) - t) ** 2).mean() for share, t in targets[l]),
                                 torch.zeros((), dtype=torch.float64))
         for i, l in enumerate(STYLE)]
    tv = tw * (((x[:, :, 1:] - x[:, :, :-1]) ** 2).mean() + ((x[..., 1:] - x[..., :-1]) ** 2).mean())
    return c, s, tv
