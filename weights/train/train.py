#!/usr/bin/python3
"""Distil strata16: VGG-19's shape at a quarter of its width, taught VGG-19's Gram matrices.

train.py -o strata16.safetensors --teacher FILE... --start FILE [--state FILE]     draw, train, export

A tap is taught by the first teacher that has its layer. A style loss depends on nothing but inner
products of features: |G(x) - G(y)|^2 is made of means over positions p, q of (f_p . f_q)^2. So at each
tap the network is asked for the teacher's kernel matrix f_p . f_q over positions of a batch, and for the
teacher's distances between the Gram matrices of its pictures; never for the features. Every ROUND steps
it paints pictures (`strata run`), which join those it learns from: what it does not see shows there.
"""
import argparse
import math
import os
import subprocess
import tempfile
import time
from multiprocessing.pool import ThreadPool

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

import pictures
from chain import MEAN, NAMES, STYLE, chain, read, write

WIDTHS = dict(zip(NAMES, (32, 16, 48, 32, 96, 64, 64, 64, 128, 128, 128, 128, 128, 128)))
CONTENT = '4_2', '5_2'
TAPS = STYLE + CONTENT
WEIGHT = {'4_1': 2, '4_2': 2, '5_1': 2, '5_2': .3}    # of a tap's losses, else 1
SIDE = 192                      # of what is painted
PIXELS = 7 * SIDE ** 2          # of a batch
SIDES = 128, 160, 192, 224, 272
POSITIONS = 1000                # of a kernel matrix
GRAM_POSITIONS = 3000           # of a picture's Gram matrix
NEAR = 3e-4                     # of |G|^2: distances are told apart down to about this
FLAT = .75                      # the slim teacher's relu4_1 answers white and black more than VGG-19's
RATE = 5e-4
ROUND, PAINTED, KEPT = 400, 60, 600
NEW = .3                        # of a usual kernel: how loud channels begin that the start does not have
HELD = .8                       # of a step that what it has does not take
METADATA = {
    'strata.order': 'rgb', 'strata.mean': ','.join(map(str, MEAN)), 'strata.licence': 'MIT, CC BY 4.0',
    'strata.source': 'distilled by the strata project (weights/train), on pictures that it draws, from VGG-19 '
                     '(Simonyan, Zisserman 2014; CC BY 4.0) and from wct_se_16x_new/5SE of '
                     'github.com/MingSun-Tse/Collaborative-Distillation (MIT, copyright 2020 Huan Wang)'}


# Teachers

class Teacher:
    """The features that a weights file has of some taps."""

    def __init__(self, path, weights, meta, taps):
        self.path, self.taps, self.bgr = path, taps, meta.get('strata.order') == 'bgr'
        self.names = NAMES[:max(map(NAMES.index, taps)) + 1]
        self.weights = {n: [weights[n][0].bfloat16().contiguous(memory_format=torch.channels_last),
                            weights[n][1].bfloat16()] for n in self.names}

    def __call__(self, x):
        x = (x.flip(1) if self.bgr else x).bfloat16().contiguous(memory_format=torch.channels_last)
        f = chain(x, lambda n, h: F.conv2d(h, *self.weights[n], padding=1), self.names)
        return {t: f[t] for t in self.taps}


def teachers_from(paths):
    """Each tap from the first file that has it."""
    out, left = [], list(TAPS)
    for path in paths:
        weights, meta = read(path)
        taps = [t for t in left if t in weights]
        left = [t for t in left if t not in weights]
        if taps:
            out.append(Teacher(path, weights, meta, taps))
    if left:
        raise SystemExit('no teacher has conv' + ', conv'.join(left))
    return out


# The network

class Network(nn.Module):
    """Inputs are 0 to 255 minus MEAN. `size`: log of what a tap is multiplied by for the teacher's kernel."""

    def __init__(self):
        super().__init__()
        self.kernel, self.bias, self.size = nn.ParameterDict(), nn.ParameterDict(), nn.ParameterDict()
        inputs = 3
        for n in NAMES:
            kernel = torch.randn(WIDTHS[n], inputs, 3, 3) * (2 / (9 * inputs)) ** .5
            self.kernel[n] = nn.Parameter(kernel.contiguous(memory_format=torch.channels_last))
            self.bias[n] = nn.Parameter(torch.zeros(WIDTHS[n]))
            inputs = WIDTHS[n]
        for t in TAPS:
            self.size[t] = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        x = (x / 64).contiguous(memory_format=torch.channels_last)
        return chain(x, lambda n, h: F.conv2d(h, self.kernel[n], self.bias[n], padding=1))


# Pictures

def blurred(x, sigma):
    r = math.ceil(2.5 * sigma)
    k = torch.exp(-.5 * (torch.arange(-r, r + 1) / sigma) ** 2)
    k = (k / k.sum()).expand(x.shape[1], 1, 1, -1)
    x = F.conv2d(F.pad(x, (r, r, r, r), mode='reflect'), k, groups=x.shape[1])
    return F.conv2d(x, k.transpose(2, 3), groups=x.shape[1])


def crop(picture, side, rng):
    """[3, side, side] of a picture of bytes: at a size, turn, light, contrast and grain of its own."""
    whole = picture.shape[-1]
    zoom = math.exp(rng.uniform(math.log(.6), math.log(1.7)))
    reach = side / whole * zoom
    a, mirror = rng.uniform(-.15, .15), rng.choice((-1, 1))
    u, v = reach * math.cos(a), reach * math.sin(a)
    sx, sy = rng.uniform(-1, 1, 2) * max(0, 1 - reach)
    theta = torch.tensor([[[u * mirror, -v, sx], [v * mirror, u, sy]]], dtype=torch.float32)
    grid = F.affine_grid(theta, (1, 3, side, side), align_corners=False)
    x = F.grid_sample(picture[None].float() / 255, grid, padding_mode='reflection', align_corners=False)
    if rng.random() < .5:
        x = x + rng.uniform(0, 1.2) * (x - blurred(x, .75))
    if rng.random() < .15:
        x = x[:, list(rng.permutation(3))]
    kind = rng.random()
    if kind < .08:      # very bright
        x = 1 - (1 - x.clamp(0, 1)) * rng.uniform(.05, .5)
    elif kind < .16:    # very dark
        x = x * rng.uniform(.05, .5)
    elif kind < .22:    # hardly any contrast
        level = torch.from_numpy(rng.uniform(0, 1, (1, 3, 1, 1)).astype(np.float32))
        x = level + (x - x.mean((2, 3), True)) * rng.uniform(.02, .3)
    else:
        tint = torch.from_numpy(np.exp(.08 * rng.uniform(-1, 1, (1, 3, 1, 1))).astype(np.float32))
        x = .5 + (x - .5) * rng.uniform(.7, 1.35) * tint + rng.uniform(-.1, .1)
    if rng.random() < .5:
        x = x + rng.uniform(0, .04) * torch.randn_like(x)
    return x.clamp(0, 1)[0]


def plain(side, rng):
    """A flat picture, most of them white, black or grey; or a slow change from one colour to another."""
    known = {0: (1, 1, 1), 1: (0, 0, 0), 2: [m / 255 for m in MEAN]}
    level = np.asarray(known.get(int(rng.integers(6)), rng.random(3)), np.float32)
    x = torch.tensor(level).view(3, 1, 1).expand(3, side, side).clone()
    if rng.random() < .35:
        t = F.interpolate(torch.randn(1, 1, 3, 3), (side, side), mode='bicubic', align_corners=True)
        other = torch.tensor(rng.random(3).astype(np.float32)).view(3, 1, 1)
        x = x + t[0].sigmoid() * (other - x)
    return x.clamp(0, 1)


def spoiled(x, other, rng):
    """Near to x, but not x: out of focus, grainy, broken up as behind frosted glass, paler, shifted in
    colour, or partly another picture."""
    side, kind = x.shape[-1], rng.integers(6)
    x = x[None]
    if kind == 0:
        x = blurred(x, math.exp(rng.uniform(math.log(.4), math.log(5))))
    elif kind == 1:
        noise = torch.randn(1, int(rng.choice((1, 3))), side, side)
        if rng.random() < .5:
            noise = blurred(noise, rng.uniform(.5, 2)) * 3
        x = x + rng.uniform(.01, .12) * noise
    elif kind == 2:
        grain = side // int(rng.integers(2, 9))
        shift = F.interpolate(torch.randn(1, 2, grain, grain) * rng.uniform(2, 9) / side, (side, side),
                              mode='bilinear', align_corners=True)
        still = F.affine_grid(torch.eye(2, 3)[None], (1, 3, side, side), align_corners=False)
        x = F.grid_sample(x, still + shift.permute(0, 2, 3, 1), padding_mode='reflection',
                          align_corners=False)
    elif kind == 3:
        m = x.mean((2, 3), True)
        x = m + (x - m) * rng.uniform(.4, 1.5)
    elif kind == 4:
        x = x + .12 * torch.randn(1, 3, 1, 1)
    else:
        x = x + rng.uniform(.1, .6) * (other - x)
    return x.clamp(0, 1)[0]


class Source:
    """Batches, [n, 3, side, side], 0 to 255 minus MEAN. `painted`: [3 (content, style, result), ...]."""

    def __init__(self, data, rng):
        self.data = torch.from_numpy(data).permute(0, 3, 1, 2).contiguous()
        self.rng, self.painted = rng, []

    def crop(self, side):
        return crop(self.data[self.rng.integers(len(self.data))], side, self.rng)

    def batch(self):
        rng, x, side = self.rng, [], SIDE
        if self.painted and rng.random() < .6:
            for k in range(2):
                low = len(self.painted) // 2 if rng.random() < .33 else 0   # the newer ones oftener
                c, s, o = self.painted[rng.integers(low, len(self.painted))].float() / 255
                if rng.random() < .5:
                    c, s, o = c.flip(2), s.flip(2), o.flip(2)
                x += [o, s] + ([c] if k == 0 else [])
        else:
            side = int(rng.choice(SIDES))
        count = max(3, PIXELS // side ** 2)
        while len(x) < count - 1:
            x.append(plain(side, rng) if rng.random() < .1 else self.crop(side))
        x.append(spoiled(x[rng.integers(len(x))], x[rng.integers(len(x))], rng))
        return torch.stack(x) * 255 - torch.tensor(MEAN).view(1, 3, 1, 1)


# What is asked

def positions(f, at):
    """[POSITIONS, C]: features at fractions `at` of all positions of the batch."""
    flat = f.permute(0, 2, 3, 1).reshape(-1, f.shape[1])
    return flat[(at * len(flat)).long()].float()


def kernel_losses(s, t):
    """Relative squared errors of the kernel matrix, and of one in which loud positions count for less;
    and the squared error of the logs of the norms. s, t: [POSITIONS, C], sizes alike."""
    ks, kt = s @ s.T, t @ t.T
    ns, nt = ks.diagonal().clamp_min(1e-12), kt.diagonal().clamp_min(1e-12)
    raw = (ks - kt).square().sum() / kt.square().sum()
    floor = 1e-3 * nt.mean()
    qs, qt = (ns + floor).rsqrt().sqrt(), (nt + floor).rsqrt().sqrt()
    a, b = ks * qs[:, None] * qs, kt * qt[:, None] * qt
    soft = (a - b).square().sum() / b.square().sum()
    norm = ((ns + floor) / (nt + floor)).log().square().mean() / 4
    return raw, soft, norm


def grams(f, size, start):
    """Of every picture, over GRAM_POSITIONS evenly spread from a `start` in 0..1."""
    f = f.permute(0, 2, 3, 1).flatten(1, 2)
    stride = max(1, f.shape[1] // GRAM_POSITIONS)
    stride += stride > 1 and stride % 2 == 0    # rows are of even length: not always the same columns
    f = f[:, int(start * stride)::stride].float()
    return (f.transpose(1, 2) @ f).flatten(1) * (size / f.shape[1])


def distances(g):
    d = g.square().sum(1)
    return (d[:, None] + d - 2 * (g @ g.T)).clamp_min(0)


def gram_loss(s, t):
    """Of the logs of the distances between Gram matrices; too small a one is twice as bad."""
    ds, dt = distances(s), distances(t)
    near = NEAR * t.square().sum(1).mean()
    pairs = torch.triu_indices(len(ds), len(ds), 1).unbind()
    r = ((ds[pairs] + near) / (dt[pairs] + near)).log()
    far = F.smooth_l1_loss(r, torch.zeros_like(r), reduction='none', beta=.5) * (1 + (r < 0))
    return far.mean(), r.detach()


# Training

class Training:
    def __init__(self, a, teachers, source):
        self.a, self.teachers, self.source = a, teachers, source
        weights, meta = read(a.start)
        self.start = Teacher(a.start, weights, meta, [t for t in TAPS if t in weights])
        self.net, self.step, self.mean = Network(), 0, None
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=RATE, betas=(.9, .99))
        if a.state and os.path.exists(a.state):
            saved = torch.load(a.state)
            self.net.load_state_dict(saved['net'])
            self.optimizer.load_state_dict(saved['optimizer'])
            self.step, self.unit, self.mean = saved['step'], saved['unit'], saved['mean']
            source.painted = list(saved['painted'])
        else:
            self.begin()
        source.rng = np.random.default_rng((a.seed, self.step))
        torch.manual_seed(int(source.rng.integers(1 << 31)))

    def teach(self, x):
        f = {}
        for t in self.teachers:
            f.update(t(x))
        flat = ((x - x.mean((2, 3), True)).abs().amax((1, 2, 3)) < 1).view(-1, 1, 1, 1)
        f['4_1'] = torch.where(flat, f['4_1'] * FLAT, f['4_1'])
        return f

    def begin(self):
        """Units in which a teacher's kernel is 1 on the diagonal. The network begins with the kernels of
        a slimmer one, each layer at an RMS of 1; to channels that it does not have nobody listens yet."""
        start = self.start
        same = [tap for t in self.teachers if t.path == start.path for tap in t.taps]
        with torch.no_grad():
            x = torch.cat([self.source.crop(SIDE)[None] for _ in range(24)])
            x = x * 255 - torch.tensor(MEAN).view(1, 3, 1, 1)
            self.unit = {t: float(f.float().square().sum(1).mean()) for t, f in self.teach(x).items()}
            h, before = x / 64, 64.
            for n in NAMES:
                kernel, bias = self.net.kernel[n], self.net.bias[n]
                if n in start.weights:
                    k, b = (v.float() for v in start.weights[n])
                    if n == NAMES[0] and start.bgr:
                        k = k.flip(1)
                    kernel *= NEW
                    kernel[:, k.shape[1]:] = 0
                    kernel[:k.shape[0], :k.shape[1]] = k * before
                    bias[:k.shape[0]] = b
                if n[2] == '1' and n != '1_1':
                    h = F.max_pool2d(h, 2, 2, ceil_mode=True)
                h = F.relu(F.conv2d(h, kernel, bias, padding=1))
                known = len(start.weights[n][1]) if n in start.weights else len(bias)
                before = float(h[:, :known].square().mean().sqrt()) + 1e-9
                kernel[:known] /= before
                bias[:known] /= before
                h[:, :known] /= before
                if n in TAPS:
                    self.net.size[n].fill_(-.5 * math.log(float(h[:, :known].square().sum(1).mean())))
                    if n in same:
                        self.net.size[n].fill_(math.log(before / self.unit[n] ** .5))

    def save(self):
        painted = torch.stack(self.source.painted) if self.source.painted else []
        torch.save({'net': self.net.state_dict(), 'optimizer': self.optimizer.state_dict(),
                    'step': self.step, 'unit': self.unit, 'mean': self.mean, 'painted': painted},
                   self.a.state + '.tmp')
        os.replace(self.a.state + '.tmp', self.a.state)

    def learn(self):
        """One step; of each tap the three kernel losses and mean and spread of the distances' logs."""
        part = self.step / self.a.steps
        for group in self.optimizer.param_groups:
            group['lr'] = (RATE * min(1, (self.step + 1) / 100)
                           * (.501 + .499 * math.cos(math.pi * part)))
        x = self.source.batch()
        with torch.no_grad():
            wanted = self.teach(x)
        with torch.autocast('cpu', torch.bfloat16):
            f = self.net(x)
        loss, said = 0, []
        for tap in TAPS:
            size, at = (2 * self.net.size[tap]).exp(), torch.rand(POSITIONS)
            raw, soft, norm = kernel_losses(positions(f[tap], at) * size.sqrt(),
                                            positions(wanted[tap], at) * self.unit[tap] ** -.5)
            own, r = raw + soft + .1 * norm, torch.zeros(1)
            if tap in STYLE:
                start = float(torch.rand(()))
                far, r = gram_loss(grams(f[tap], size, start),
                                   grams(wanted[tap], 1 / self.unit[tap], start))
                own = own + .25 * far
            loss = loss + WEIGHT.get(tap, 1) * own
            said.append([float(v) for v in (raw, soft, norm, r.mean(), r.square().mean().sqrt())])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 5.)
        before = {n: self.net.kernel[n].detach().clone() for n in self.start.names}
        self.optimizer.step()
        with torch.no_grad():
            for n, old in before.items():
                a, b = self.start.weights[n][0].shape[:2]
                self.net.kernel[n][:a, :b].lerp_(old[:a, :b], HELD)
        self.step += 1
        self.follow()
        return said

    def follow(self):
        """A running mean of the weights, which is what is exported."""
        now = self.net.state_dict()
        self.mean = self.mean or {k: v.clone() for k, v in now.items()}
        with torch.no_grad():
            for k, v in now.items():
                self.mean[k].lerp_(v, 1 - min(.998, self.step / (self.step + 10)))

    def sizes(self):
        """What each tap is to be multiplied by so that, over pictures, its loss has the teacher's size:
        the loss that a Gram matrix of nothing has there, or features of the mean colour."""
        logs, net = {t: [] for t in TAPS}, Network()
        net.load_state_dict(self.mean)
        with torch.no_grad():
            for _ in range(24):
                x = self.source.crop(SIDE)[None] * 255 - torch.tensor(MEAN).view(1, 3, 1, 1)
                pair = torch.cat((x, torch.zeros_like(x)))
                mine, wanted = net(pair), self.teach(pair)
                for t in TAPS:
                    loss = [loss_of(t, f[t].float()) for f in (mine, wanted)]
                    logs[t].append(math.log((loss[1] + 1e-9) / (loss[0] + 1e-9)))
        return {t: math.exp(float(np.median(v)) / (4 if t in STYLE else 2)) for t, v in logs.items()}

    def export(self, path):
        """Sizes folded in; a layer between two taps is as loud as the tap before it."""
        sizes, before, out = self.sizes(), 64., {}
        for n in NAMES:
            now = sizes.get(n, before)
            out[n] = [self.mean[f'kernel.{n}'] * (now / before), self.mean[f'bias.{n}'] * now]
            before = now
        write(path, out, METADATA)


def loss_of(tap, f):
    """f: features of a picture, and of the mean colour."""
    if tap in CONTENT:
        return float((f[0] - f[1]).square().mean())
    flat = f[0].flatten(1)
    return float((flat @ flat.T / flat.numel()).square().mean())


# Painting

def paint(job):
    strata, network, folder, i, options = job
    name = lambda k: f'{folder}/{k}{i}.png'
    done = subprocess.run([strata, 'run', '--network', network, '--content', name('c'), '--styles',
                           name('s'), '--output', name('o'), '--threads', '1', *options],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    read = lambda k: torch.from_numpy(np.array(Image.open(name(k)).convert('RGB'))).permute(2, 0, 1)
    return torch.stack([read(k) for k in 'cso'])


def paint_round(t):
    source, rng = t.source, t.source.rng
    with tempfile.TemporaryDirectory() as folder:
        network = f'{folder}/net.safetensors'
        t.export(network)
        jobs = []
        for i in range(PAINTED):
            for k in 'cs':
                x = source.crop(SIDE)
                x = (x * 255 + .5).byte().permute(1, 2, 0).numpy()
                Image.fromarray(x).save(f'{folder}/{k}{i}.png')
            weight = math.exp(rng.uniform(math.log(1000), math.log(40000)))
            options = ['--style-weight', f'{weight:.0f}']
            if rng.random() < .5:   # every tap pulls, not only the strongest
                options += ['--style-layer-weight-exp', f'{rng.uniform(.2, 1):.2f}']
            jobs.append((t.a.strata, network, folder, i, options))
        with ThreadPool(2) as pool:
            source.painted += pool.map(paint, jobs)
        source.painted = source.painted[-KEPT:]


def drawn(seed, count, path):
    if path and os.path.exists(path):
        return np.load(path)
    data = pictures.draw_all(seed, count)
    if path:
        np.save(path, data)
    return data


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('-o', '--output', required=True, metavar='FILE')
    p.add_argument('--teacher', nargs='+', required=True, metavar='FILE', help='safetensors, best first')
    p.add_argument('--start', required=True, metavar='FILE', help='a slimmer network to begin with')
    p.add_argument('--strata', default='build/strata', help='the program that paints')
    p.add_argument('--steps', type=int, default=2000)
    p.add_argument('--pictures', type=int, default=3600)
    p.add_argument('--drawn', metavar='FILE', help='keep the pictures there, or take them from there')
    p.add_argument('--seed', type=int, default=16)
    p.add_argument('--state', metavar='FILE', help='save the training here, and go on from it')
    a = p.parse_args()
    torch.set_num_threads(os.cpu_count())
    start = time.monotonic()
    data = drawn(a.seed, a.pictures, a.drawn)
    print(f'{len(data)} pictures in {time.monotonic() - start:.0f} s', flush=True)
    t = Training(a, teachers_from(a.teacher), Source(data, np.random.default_rng(a.seed)))
    mean = None
    while t.step < a.steps:
        if t.step and t.step % ROUND == 0 and t.step < .97 * a.steps:
            paint_round(t)
        said = np.array(t.learn())
        mean = said if mean is None else .98 * mean + .02 * said
        if t.step % 100 == 0:
            print(f'step {t.step}  {time.monotonic() - start:.0f} s  ' + '  '.join(
                f'{tap} ' + ' '.join(f'{v:.3f}' for v in row) for tap, row in zip(TAPS, mean)), flush=True)
            if a.state:
                t.save()
    t.export(a.output)


if __name__ == '__main__':
    main()
