#!/usr/bin/python3
"""Train strata16: VGG-19's shape at a quarter of its width, on pictures drawn by pictures.py.

train.py -o strata16.safetensors [--start FILE] [--steps N] [--seed N]     draw, train, export
train.py -o strata16.safetensors --state FILE                 the same, or on from FILE, saved on the way

The task: of the crops in a batch find the other one of the same picture, at each of the taps by itself, by
the Gram matrix there, as painting will compare them; while every crop's pixels are moved a little to make
that fail, and out-of-focus crops of the same pictures are among the wrong answers. What is exported has no
batch norm left, and taps of VGG-19's magnitudes for inputs of 0 to 255 minus MEAN.
"""
import argparse
import math
import os
import time

import numpy as np
import torch
import torch.distributed as dist
import torch.multiprocessing
import torch.nn as nn
import torch.nn.functional as F

import pictures
from chain import MEAN, NAMES, chain, features, read, write

WIDTHS = dict(zip(NAMES, (16, 16, 32, 32, 64, 64, 64, 64, 192, 128, 128, 128, 256, 128)))
# Root mean square over pictures after ReLU, layer by layer; over photographs and paintings, which have less
# contrast, some half of it, and so of VGG-19's order.
RMS = dict(zip(NAMES, (126, 270, 531, 600, 513, 552, 598, 690, 612, 630, 490, 262, 122, 70)))
TAPS = ('1_1', '2_1', '3_1', '4_1', '5_1', '5_2')
FORM_TAPS = TAPS[1:]
HEAT = .1               # of the softmax over similarities
TONED, RELIT = .3, .2   # parts of the batches: `toned`, `relit`
SIDES = (96, 112, 144, 176)
RATE = 1.5e-3
# What a crop blurred by `sigma` pixels may keep of its features' RMS: (.75 / sigma^.3) to this power.
DULL = dict(zip(TAPS, (.4, 1, 1, 1, 1.4, 1.4)))


class Smooth(nn.Module):
    """Kernels that are sums of smooth, edge and ridge parts, the ridges weaker: noise of one pixel says little
    to them, at the start and, since Adam moves every part alike, later."""
    profiles = torch.tensor(((1, 2, 1), (-1, 0, 1), (-1, 2, -1))) / torch.tensor((6., 2, 6)).sqrt()[:, None]
    strength = torch.tensor((1, 1, .6))

    def __init__(self, inputs, outputs):
        super().__init__()
        self.parts = nn.Parameter(torch.randn(outputs * inputs, 9) * (2 / (3 * inputs)) ** .5)
        p = self.profiles * self.strength[:, None]
        self.register_buffer('basis', torch.einsum('ay,bx->abyx', p, p).reshape(9, 9))
        self.shape = outputs, inputs, 3, 3

    @property
    def weight(self):
        return (self.parts @ self.basis).view(self.shape)


class Layer(nn.Module):
    """A convolution and batch norm."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = Smooth(inputs, outputs)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.norm(F.conv2d(x, self.conv.weight, padding=1))

    def folded(self):
        """Kernel and bias that do the same."""
        k = self.norm.weight / (self.norm.running_var + self.norm.eps).sqrt()
        return self.conv.weight * k.view(-1, 1, 1, 1), self.norm.bias - self.norm.running_mean * k


class Even(Layer):
    """A layer whose batch norm takes off and adds multiples not of 1 but of the local activity of its input,
    which is 1 on average. So it has no biases: where there is nothing it says nothing, and what it says
    grows with contrast."""

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        self.offset = nn.Parameter(torch.zeros(outputs))
        self.register_buffer('level', torch.ones(inputs))
        self.norm.bias.requires_grad_(False)

    def kernels(self, level):
        """Those that answer 0 to an input of that level everywhere, and the one that answers 1: activity."""
        level = level.view(1, -1, 1, 1)
        activity = (level / (9 * level.square().sum() + 1e-6)).expand(1, -1, 3, 3)
        weight = self.conv.weight
        return weight - (weight * level).sum((1, 2, 3), True) * activity, activity

    def forward(self, x):
        level = self.level
        if self.training:
            level = x.detach().float().mean((0, 2, 3))
            self.level.lerp_(level, .1)
        kernel, activity = self.kernels(level)
        y = self.norm(F.conv2d(x, kernel, padding=1))
        return y + F.conv2d(F.conv2d(x, activity, padding=1), self.offset.view(-1, 1, 1, 1))

    def folded(self):
        kernel, activity = self.kernels(self.level)
        k = self.norm.weight / (self.norm.running_var + self.norm.eps).sqrt()
        return (kernel * k.view(-1, 1, 1, 1) + self.offset.view(-1, 1, 1, 1) * activity,
                -self.norm.running_mean * k)


class Head(nn.Module):
    """Crops' Gram matrices as directions, each entry standardised over the crops of all workers; the
    own ones come first."""

    def __init__(self, width):
        super().__init__()
        self.at = torch.triu_indices(width, width).unbind()
        self.norm = nn.BatchNorm1d(len(self.at[0]), affine=False)

    def forward(self, f):
        f = f.permute(0, 2, 3, 1).flatten(1, 2).float()     # as it lies in memory
        g = f.transpose(1, 2) @ f / f.shape[1]
        g = (g[:, self.at[0], self.at[1]] + 1e-3).sqrt()
        theirs = [torch.empty_like(g) for _ in range(dist.get_world_size())]
        dist.all_gather(theirs, g.detach())
        del theirs[dist.get_rank()]
        return F.normalize(self.norm(torch.cat([g] + theirs)), dim=1)


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        inputs = [3] + [WIDTHS[n] for n in NAMES[:-1]]
        self.layer = nn.ModuleDict({n: (Even if i > 3 else Layer)(i, WIDTHS[n])
                                    for n, i in zip(NAMES, inputs)})
        self.head = nn.ModuleDict({n: Head(WIDTHS[n]) for n in TAPS})

    def forward(self, x):
        return chain(x, lambda n, h: self.layer[n](h))


def begin(net, path, data):
    """From a weights file of this width or less: its kernels, and norms that leave what they compute on
    average as it is; new channels are random ones that nobody listens to yet."""
    weights, _ = read(path)
    x = data[::max(1, len(data) // 48)][:48].float() - torch.tensor(MEAN).view(1, 3, 1, 1)
    scale = torch.full((3,), 64.)

    def layer(name, h):
        nonlocal scale
        kernel, bias = weights[name]
        l = net.layer[name]
        known, heard = kernel.shape[:2]
        own = l.conv.parts.view(-1, l.conv.shape[1], 9)
        parts = (kernel * scale.view(1, -1, 1, 1)).reshape(known, heard, 9) @ l.conv.basis.inverse()
        size = own.std() / parts.std()
        own[:known, :heard] = parts * size
        own[:known, heard:] *= .1
        y = F.conv2d(h, kernel, padding=1)
        scale, middle = y.std((0, 2, 3)) + 1e-3, y.mean((0, 2, 3))
        (l.offset if isinstance(l, Even) else l.norm.bias)[:known] = (middle + bias) / scale
        return y + bias.view(1, -1, 1, 1)

    with torch.no_grad():
        chain(x, layer)


def blurred(x, sigma):
    r = math.ceil(2.5 * sigma)
    k = torch.exp(-.5 * (torch.arange(-r, r + 1) / sigma) ** 2)
    k = (k / k.sum()).expand(3, 1, 1, -1)
    x = F.conv2d(F.pad(x, (r, r, r, r), mode='reflect'), k, groups=3)
    return F.conv2d(x, k.transpose(2, 3), groups=3)


def crops(data, index, side, rng):
    """A crop of each picture, at a turn, light, contrast and grain of its own; scale and sharpness are much
    the same in the two halves, which show the same pictures."""
    n, whole = len(index), data.shape[-1]
    uniform = lambda low, high, *shape: torch.from_numpy(
        rng.uniform(low, high, (n,) + shape).astype(np.float32))
    zoom = uniform(math.log(.6), math.log(min(1.8, whole / side) / 1.15))[:n // 2].repeat(2)
    zoom = torch.exp(zoom + uniform(-.14, .14))
    turn = uniform(-.1, .1)
    reach = zoom * side / whole
    u, v = reach * turn.cos(), reach * turn.sin()
    mirror = torch.sign(uniform(-1, 1))
    shift = (1 - reach)[:, None] * uniform(-1, 1, 2)
    theta = torch.stack((torch.stack((u * mirror, -v, shift[:, 0]), 1),
                         torch.stack((v * mirror, u, shift[:, 1]), 1)), 1)
    grid = F.affine_grid(theta, (n, 3, side, side), align_corners=False)
    x = F.grid_sample(data[index].float() / 255, grid, padding_mode='reflection', align_corners=False)
    sharp = uniform(0, 1.2, 1, 1, 1)[:n // 2].repeat(2, 1, 1, 1)
    x = x + sharp * (x - blurred(x, .75))
    gain = uniform(.8, 1.25, 1, 1, 1) * torch.exp(.08 * uniform(-1, 1, 3, 1, 1))
    x = .5 + (x - .5) * gain + uniform(-.08, .08, 1, 1, 1)
    return (x + uniform(0, .025, 1, 1, 1) * torch.randn_like(x)).clamp(0, 1)


def toned(x, rng):
    """Every crop with the same mean and deviation of each colour: only structure tells them apart."""
    mean = torch.from_numpy(rng.uniform(.3, .7, (1, 3, 1, 1)).astype(np.float32))
    deviation = torch.from_numpy(rng.uniform(.1, .25, (1, 3, 1, 1)).astype(np.float32))
    x = (x - x.mean((2, 3), True)) / (x.std((2, 3), keepdim=True) + .02)
    return (mean + deviation * x).clamp(0, 1)


def relit(x):
    """Every crop in other colours, some as negatives, under another light that changes across it: only
    structure remains."""
    n, side = len(x), x.shape[-1]
    sign = 1 - 2 * (torch.rand(n, 1, 1) < .15).float()
    mix = sign * (torch.eye(3) + .35 * torch.randn(n, 3, 3)) * torch.empty(n, 1, 1).uniform_(.6, 1.3)
    x = .5 + torch.einsum('nab,nbyx->nayx', mix, x - .5)
    x = x + .12 * torch.randn(n, 1, 1, 1) + .08 * torch.randn(n, 3, 1, 1)
    light = F.interpolate(.3 * torch.randn(n, 1, 4, 4), (side, side), mode='bicubic', align_corners=True)
    return (x * light.exp()).clamp(0, 1)


def spoiled(x, rng):
    """The crops out of focus, or with every edge broken up as behind frosted glass."""
    n, side = len(x), x.shape[-1]
    if rng.random() < .7:
        sigma = math.exp(rng.uniform(math.log(.5), math.log(5)))
        return blurred(x, sigma), sigma
    grain = side // int(rng.integers(2, 7))
    shift = torch.randn(n, 2, grain, grain) * rng.uniform(2, 7) / side
    shift = F.interpolate(shift, (side, side), mode='bilinear', align_corners=True)
    still = F.affine_grid(torch.eye(2, 3).expand(n, 2, 3), (n, 3, side, side), align_corners=False)
    return F.grid_sample(x, still + shift.permute(0, 2, 3, 1), padding_mode='reflection',
                         align_corners=False), None


def normalise(x):
    """What training feeds the network: 0..1 becomes about -2..2. `folded` undoes this."""
    return ((x * 255 - torch.tensor(MEAN).view(1, 3, 1, 1)) / 64).contiguous(
        memory_format=torch.channels_last)


def together(tensors):
    """Each becomes its mean over the workers."""
    flat = torch.cat([t.flatten() for t in tensors])
    dist.all_reduce(flat)
    at = 0
    for t in tensors:
        t.copy_(flat[at:at + t.numel()].view_as(t) / dist.get_world_size())
        at += t.numel()


class Training:
    """What a worker goes on from: equal in all of them but for the random numbers."""

    def __init__(self, net, seed, path, steps):
        self.net, self.path, self.step, self.steps = net, path, 0, steps
        self.optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=1e-2)
        if path and os.path.exists(path):
            saved = torch.load(path)
            net.load_state_dict(saved['net'])
            self.optimizer.load_state_dict(saved['optimizer'])
            self.step = saved['step']
        self.rng = np.random.default_rng((seed, self.step, dist.get_rank()))
        torch.manual_seed(self.rng.integers(1 << 31))

    def save(self):
        together([b for b in self.net.buffers() if b.is_floating_point()])
        if self.path and dist.get_rank() == 0:
            torch.save({'net': self.net.state_dict(), 'optimizer': self.optimizer.state_dict(),
                        'step': self.step}, self.path + '.tmp')
            os.replace(self.path + '.tmp', self.path)

    def learn(self, x, partner, taps, right, source, sigma):
        """One step of the optimizer; returns the gradient at the pixels. After the crops that have partners
        come spoiled ones, made of those at `source`, by a blur unless `sigma` is None."""
        for group in self.optimizer.param_groups:
            group['lr'] = RATE * min(1, (self.step + 1) / 100) * (
                .505 + .495 * math.cos(math.pi * self.step / self.steps))
        x = x.clone().requires_grad_(True)
        with torch.autocast('cpu', torch.bfloat16):
            f = self.net(normalise(x))
        loss, rows = 0, torch.arange(len(partner))
        for tap in taps:
            z = self.net.head[tap](f[tap])
            score = (z[rows] @ z.T / HEAT).fill_diagonal_(-1e4)
            loss = loss + F.cross_entropy(score, partner)
            right[tap] = .99 * right[tap] + float((score.argmax(1) == partner).float().mean())
            if sigma:
                e = f[tap].float().square().mean((1, 2, 3)).log() / 2
                dull = e[len(partner):] - e[source] - DULL[tap] * math.log(.75 * sigma ** -.3)
                loss = loss + F.relu(dull).mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        together([p.grad for p in self.net.parameters() if p.grad is not None])
        self.optimizer.step()
        self.step += 1
        return x.grad


def train(t, data, reach, replays, batch):
    """Every batch is used `replays` times, its pixels each time moved further, up to a part of `reach`, to
    where the loss is larger: their gradient costs nothing more (Shafahi et al. 2019)."""
    right, last, shared = dict.fromkeys(TAPS, 0), time.monotonic(), np.random.default_rng(t.step)
    while t.step < t.steps:
        side = int(shared.choice(SIDES))
        n = batch * 96 ** 2 // side ** 2 // 2
        x = crops(data, torch.from_numpy(t.rng.integers(len(data), size=n)).repeat(2), side, t.rng)
        partner = torch.arange(2 * n).roll(n)
        taps, kind = TAPS, shared.random()
        if kind < RELIT:
            x, taps = relit(x), FORM_TAPS
        elif kind < RELIT + TONED:
            x = toned(x, t.rng)
        source = torch.randperm(2 * n)[:n // 2]
        bad, sigma = spoiled(x[source], shared)
        x = torch.cat((x, bad))
        limit = reach * torch.from_numpy(t.rng.random((len(x), 1, 1, 1)).astype(np.float32))
        moved = limit * (2 * torch.rand_like(x) - 1)
        for _ in range(replays):
            gradient = t.learn((x + moved).clamp(0, 1), partner, taps, right, source, sigma)
            moved = torch.minimum(torch.maximum(moved + .7 * limit * gradient.sign(), -limit), limit)
            if t.step % 100 == 0:
                if dist.get_rank() == 0:
                    print(f'step {t.step}  {time.monotonic() - last:.0f} s  right '
                          + '  '.join(f'{k} {v:.0f}' for k, v in right.items()), flush=True)
                t.save()
    t.save()


def folded(net):
    """Weights and biases for x - MEAN, batch norm and input scale inside."""
    out = {n: list(net.layer[n].folded()) for n in NAMES}
    out['1_1'][0] = out['1_1'][0] / 64
    return {n: [t.detach().contiguous() for t in p] for n, p in out.items()}


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
    write(path, scaled(folded(net), x),
          {'strata.order': 'rgb', 'strata.mean': ','.join(map(str, MEAN)), 'strata.licence': 'MIT',
           'strata.source': 'trained by the strata project on pictures it draws itself, '
                            f'weights/train, seed {seed}'})


def work(rank, a, data):
    torch.set_num_threads(1)
    dist.init_process_group('gloo', f'tcp://127.0.0.1:{a.port}', rank=rank, world_size=a.workers)
    torch.manual_seed(a.seed)
    net = Network().to(memory_format=torch.channels_last)
    if a.start:
        begin(net, a.start, data)
    train(Training(net, a.seed, a.state, a.steps), data, a.reach / 255, a.replays, a.batch)
    net.eval()
    if rank == 0:
        with torch.no_grad():
            export(net, data, a.output, a.seed)


def main():
    p = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    p.add_argument('-o', '--output', required=True, metavar='FILE')
    p.add_argument('--steps', type=int, default=1800)
    p.add_argument('--pictures', type=int, default=3600)
    p.add_argument('--drawn', metavar='FILE', help='keep the pictures there, or take them from there')
    p.add_argument('--batch', type=int, default=44, help='crops of 96x96 for each worker')
    p.add_argument('--reach', type=float, default=10, help='of 255: how far a pixel is moved')
    p.add_argument('--replays', type=int, default=2)
    p.add_argument('--seed', type=int, default=16)
    p.add_argument('--workers', type=int, default=2)
    p.add_argument('--port', type=int, default=29516, help='by which the workers meet')
    p.add_argument('--start', metavar='FILE', help='weights to begin with')
    p.add_argument('--state', metavar='FILE', help='save the training here, and go on from it')
    a = p.parse_args()
    start = time.monotonic()
    if a.drawn and os.path.exists(a.drawn):
        data = np.load(a.drawn)
    else:
        data = pictures.draw_all(a.seed, a.pictures)
        if a.drawn:
            np.save(a.drawn, data)
    data = torch.from_numpy(data).permute(0, 3, 1, 2).contiguous().share_memory_()
    print(f'{len(data)} pictures in {time.monotonic() - start:.0f} s', flush=True)
    torch.multiprocessing.spawn(work, (a, data), a.workers)


if __name__ == '__main__':
    main()
