#!/usr/bin/python3
"""Train strata16: VGG-19's shape at a quarter of its width, on pictures drawn by pictures.py.

train.py -o strata16.safetensors [--steps N] [--seed N]       draw, train, export
train.py -o strata16.safetensors --state FILE                 the same, or on from FILE, saved on the way
train.py -o strata16.safetensors --state FILE --steps 0       only export what FILE has

The task: tell from a crop which picture it came from, at each of the taps by itself, from the mean and
standard deviation of the features over space. What is exported has no batch norm left, and taps of
VGG-19's magnitudes for inputs of 0 to 255 minus MEAN.
"""
import argparse
import json
import math
import os
import struct
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import pictures

MEAN = (123.68, 116.779, 103.939)
BLOCKS = ((16, 16), (32, 32), (64,) * 4, (128,) * 4, (128,) * 2)
NAMES = [f'{b}_{i}' for b, block in enumerate(BLOCKS, 1) for i in range(1, len(block) + 1)]
WIDTHS = [w for block in BLOCKS for w in block]
# Root mean square over pictures after ReLU, layer by layer; those of VGG-19 at the style taps.
RMS = dict(zip(NAMES, (42, 90, 177, 200, 223, 240, 260, 300, 350, 300, 280, 150, 70, 40)))
TAPS = ('1_1', '2_1', '3_1', '4_1', '5_1', '5_2')
COLOUR_TAPS = TAPS[:3]
STRANGE = 1700      # steps in which a third of the crops change hue, for the deep taps to judge


def chain(x, layer):
    """The features of every layer, `layer(name, h)` being the convolution and what follows it."""
    out = {}
    for name in NAMES:
        if name[2] == '1' and name != '1_1':
            x = F.max_pool2d(x, 2, 2, ceil_mode=True)
        x = out[name] = F.relu(layer(name, x))
    return out


class Network(nn.Module):
    def __init__(self, classes):
        super().__init__()
        inputs = [3] + WIDTHS[:-1]
        self.conv = nn.ModuleDict({n: nn.Conv2d(i, o, 3, padding=1, bias=False)
                                   for n, i, o in zip(NAMES, inputs, WIDTHS)})
        self.norm = nn.ModuleDict({n: nn.BatchNorm2d(o) for n, o in zip(NAMES, WIDTHS)})
        self.head = nn.ModuleDict({n: nn.Sequential(nn.BatchNorm2d(2 * o), nn.Conv2d(2 * o, 128, 1),
                                                    nn.ReLU(), nn.Conv2d(128, classes, 1))
                                   for n, o in zip(NAMES, WIDTHS) if n in TAPS})
        for c in self.conv.values():
            nn.init.kaiming_normal_(c.weight, nonlinearity='relu')

    def forward(self, x):
        return chain(x, lambda n, h: self.norm[n](self.conv[n](h)))

    def classify(self, features, tap):
        f = features[tap].float()
        mean, square = f.mean((2, 3), True), (f * f).mean((2, 3), True)
        deviation = (square - mean * mean).clamp(min=1e-4).sqrt()
        return self.head[tap](torch.cat((mean, deviation), 1)).flatten(1)


def crops(data, index, side, keep, rng):
    """A crop of each picture, at a scale, turn, light, contrast and grain of its own; those from `keep`
    on change their hues too."""
    n, whole = len(index), data.shape[-1]
    uniform = lambda low, high, *shape: torch.from_numpy(
        rng.uniform(low, high, (n,) + shape).astype(np.float32))
    zoom = torch.exp(uniform(math.log(.65), math.log(min(1.8, whole / side))))
    turn = uniform(-.1, .1)
    reach = zoom * side / whole
    u, v = reach * turn.cos(), reach * turn.sin()
    mirror = torch.sign(uniform(-1, 1))
    shift = (1 - reach)[:, None] * uniform(-1, 1, 2)
    theta = torch.stack((torch.stack((u * mirror, -v, shift[:, 0]), 1),
                         torch.stack((v * mirror, u, shift[:, 1]), 1)), 1)
    grid = F.affine_grid(theta, (n, 3, side, side), align_corners=False)
    x = F.grid_sample(data[index].float() / 255, grid, padding_mode='reflection', align_corners=False)
    x[keep:] = x[keep:, torch.from_numpy(rng.permutation(3))]
    gain = uniform(.7, 1.3, 1, 1, 1) * torch.exp(.08 * uniform(-1, 1, 3, 1, 1))
    gain[keep:] *= torch.exp(.3 * uniform(-1, 1, 3, 1, 1)[keep:])
    x = .5 + (x - .5) * gain + uniform(-.12, .12, 1, 1, 1)
    return (x + uniform(0, .04, 1, 1, 1) * torch.randn_like(x)).clamp(0, 1)


def normalise(x):
    """What training feeds the network: 0..1 becomes about -2..2. `folded` undoes this."""
    return ((x * 255 - torch.tensor(MEAN).view(1, 3, 1, 1)) / 64).contiguous(
        memory_format=torch.channels_last)


def train(net, data, steps, minutes, seed, state, sides=(80, 96, 96, 128), batch=32):
    """Until `steps`, or until `minutes` if they are over sooner."""
    rng = np.random.default_rng(seed)
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
    step, done = 0, 0.0
    if state and os.path.exists(state):
        saved = torch.load(state)
        net.load_state_dict(saved['net'])
        optimizer.load_state_dict(saved['optimizer'])
        step, done = saved['step'], saved['done']
        rng = np.random.default_rng((seed, step))
    right, last = dict.fromkeys(TAPS, 0), time.monotonic()
    while done < 1 and steps:
        for group in optimizer.param_groups:
            group['lr'] = 2e-3 * min(1, (step + 1) / 200) * (.505 + .495 * math.cos(math.pi * done))
        side = int(rng.choice(sides))
        index = torch.from_numpy(rng.integers(len(data), size=batch * 96 ** 2 // side ** 2))
        keep = len(index) * 2 // 3 if step < STRANGE else len(index)
        x = normalise(crops(data, index, side, keep, rng))
        with torch.autocast('cpu', torch.bfloat16):
            features = net(x)
        loss = 0
        for tap in TAPS:
            use = keep if tap in COLOUR_TAPS else len(index)
            score = net.classify(features, tap)[:use]
            loss = loss + F.cross_entropy(score, index[:use], label_smoothing=.05)
            right[tap] += float((score.argmax(1) == index[:use]).float().mean())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        now = time.monotonic()
        # Stopped from outside for a while is not training; the minutes count steps of at most 5 s.
        done, step, last = done + max(1 / steps, min(now - last, 5) / 60 / minutes), step + 1, now
        if step % 100 == 0 or done >= 1:
            print(f'step {step}  {100 * done:.0f} %  loss {float(loss):.2f}  right '
                  + '  '.join(f'{t} {r:.0f}' for t, r in right.items()), flush=True)
            right = dict.fromkeys(TAPS, 0)
            if state:
                torch.save({'net': net.state_dict(), 'optimizer': optimizer.state_dict(),
                            'step': step, 'done': done}, state + '.tmp')
                os.replace(state + '.tmp', state)


def folded(net):
    """Weights and biases for x - MEAN, batch norm and input scale inside."""
    out = {}
    for name in NAMES:
        c, b = net.conv[name], net.norm[name]
        k = b.weight / (b.running_var + b.eps).sqrt()
        out[name] = [c.weight * k.view(-1, 1, 1, 1), b.bias - b.running_mean * k]
    out['1_1'][0] = out['1_1'][0] / 64
    return {n: [t.detach().contiguous() for t in p] for n, p in out.items()}


def features(weights, x):
    return chain(x, lambda n, h: F.conv2d(h, *weights[n], padding=1))


def rms(values):
    return float(values.double().square().mean().sqrt())


def scaled(weights, x):
    """A ReLU chain takes any positive factor a layer: bring each to its RMS."""
    before = 1.0
    for name, f in features(weights, x).items():
        factor = RMS[name] / rms(f)
        kernel, bias = weights[name]
        weights[name] = [kernel * (factor / before), bias * factor]
        before = factor
    return weights


def export(net, data, path, seed):
    x = data[::max(1, len(data) // 32)][:32].float() - torch.tensor(MEAN).view(1, 3, 1, 1)
    weights = scaled(folded(net), x)
    half = {n: [t.half().float() for t in p] for n, p in weights.items()}
    assert all(t.isfinite().all() for p in half.values() for t in p), 'a weight is beyond half precision'
    exact, rounded = features(weights, x), features(half, x)
    for tap in TAPS + ('4_2',):
        print(f'relu{tap}  rms {rms(rounded[tap]):.1f}  '
              f'rounding {rms(rounded[tap] - exact[tap]) / rms(exact[tap]):.1e}')
    write(path, {f'conv{n}.{part}': t.numpy().astype('<f2') for n, p in weights.items()
                 for part, t in zip(('weight', 'bias'), p)},
          {'strata.order': 'rgb', 'strata.mean': ','.join(map(str, MEAN)), 'strata.licence': 'MIT',
           'strata.source': 'trained by the strata project on pictures it draws itself, '
                            f'weights/train, seed {seed}'})


def write(path, arrays, metadata):
    """safetensors: length of the header, header in JSON, data."""
    header, at = {'__metadata__': metadata}, 0
    for name, a in arrays.items():
        header[name] = {'dtype': 'F16', 'shape': a.shape, 'data_offsets': (at, at + a.nbytes)}
        at += a.nbytes
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path + '.tmp', 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + b''.join(a.tobytes() for a in arrays.values()))
    os.replace(path + '.tmp', path)


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('-o', '--output', required=True, metavar='FILE')
    p.add_argument('--steps', type=int, default=4000)
    p.add_argument('--minutes', type=float, default=math.inf, help='finish within this time')
    p.add_argument('--pictures', type=int, default=2600)
    p.add_argument('--seed', type=int, default=16)
    p.add_argument('--threads', type=int, default=2)
    p.add_argument('--state', metavar='FILE', help='save the training here, and go on from it')
    a = p.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    start = time.monotonic()
    data = pictures.draw_all(a.seed, a.pictures)
    data = torch.from_numpy(data).permute(0, 3, 1, 2).contiguous()
    print(f'{len(data)} pictures in {time.monotonic() - start:.0f} s', flush=True)
    net = Network(a.pictures).to(memory_format=torch.channels_last)
    train(net, data, a.steps, a.minutes, a.seed, a.state)
    net.eval()
    with torch.no_grad():
        export(net, data, a.output, a.seed)


if __name__ == '__main__':
    main()
