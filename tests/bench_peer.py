#!/usr/bin/python3
"""bench_peer.py WIDTHxHEIGHT FIRST_WIDTH ITERATIONS: seconds of the classic objective's iteration in
PyTorch (float32, channels last), with random weights of that width: what strata is measured against.
Prints the median and the peak memory in MB."""
import resource
import statistics
import sys
import time

import torch
import torch.nn.functional as F

STYLE, CONTENT, LAYERS = ('1_1', '2_1', '3_1', '4_1', '5_1'), '4_2', (2, 2, 4, 4, 1)


def features(x, weights):
    out = {}
    for block, count in enumerate(LAYERS, 1):
        if block > 1:
            x = F.max_pool2d(x, 2, ceil_mode=True)
        for i in range(1, count + 1):
            x = out[f'{block}_{i}'] = F.relu(F.conv2d(x, weights[f'{block}_{i}'], padding=1))
    return out


def gram(f):
    m = f[0].flatten(1)
    return m @ m.T / m.numel()


def main(size, first, iterations):
    width, height = map(int, size.split('x'))
    torch.set_num_threads(len(__import__('os').sched_getaffinity(0)))
    weights, channels = {}, 3
    for block, count in enumerate(LAYERS, 1):
        out = int(first) * min(2 ** (block - 1), 8)
        for i in range(1, count + 1):
            weights[f'{block}_{i}'] = (torch.randn(out, channels, 3, 3) * (2 / (9 * channels)) ** .5
                                       ).to(memory_format=torch.channels_last)
            channels = out
    x = (torch.rand(1, 3, height, width) * 255).to(memory_format=torch.channels_last)
    with torch.no_grad():
        targets = {k: gram(v) for k, v in features(x.flip(3), weights).items() if k in STYLE}
        content = features(x, weights)[CONTENT]
    x.requires_grad_(True)
    adam, seconds = torch.optim.Adam([x], lr=10), []
    for _ in range(int(iterations)):
        begin = time.time()
        adam.zero_grad()
        f = features(x, weights)
        loss = 5 * ((f[CONTENT] - content) ** 2).mean()
        loss = loss + sum(100 * ((gram(f[k]) - targets[k]) ** 2).mean() for k in STYLE)
        for d in (x[:, :, 1:] - x[:, :, :-1], x[..., 1:] - x[..., :-1]):
            loss = loss + 100 * (d ** 2).mean()
        loss.backward()
        adam.step()
        seconds.append(time.time() - begin)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f'{statistics.median(seconds):.4f} {memory}')


main(*sys.argv[1:])
