"""The classic objective's iteration in PyTorch: what `strata bench --compare` measures itself against.

Arguments: WIDTH HEIGHT THREADS CHANNELS, the output channels of conv1_1 to conv5_1 with commas
between. Weights are random; layers lie channels last, the order for which PyTorch has its fastest
kernels. Prints a line "PyTorch VERSION|BLAS|CONFIGURATION ..."; then, for every line read, runs two
iterations in the configuration that it names and prints the seconds of the second.
"""
import os
import re
import sys
import time

try:
    import torch
    import torch.nn.functional as F
except ImportError as error:
    sys.exit(print(f'!{error}') or 1)

STYLE, CONTENT, LAYERS = ('1_1', '2_1', '3_1', '4_1', '5_1'), '4_2', (2, 2, 4, 4, 1)


def blas():
    """The file of the BLAS that is loaded: Debian's alternatives decide which."""
    with open('/proc/self/maps') as maps:
        found = set(re.findall(r'\S*/(?:lib)?(?:open)?(?:blas|mkl_core|blis)\S*', maps.read()))
    names = {os.path.basename(os.path.realpath(f)) for f in found}
    return ' '.join(sorted(n for n in names if 'lapack' not in n)) or 'its own'


def features(x, weights):
    out = {}
    for block, count in enumerate(LAYERS, 1):
        if block > 1:
            x = F.max_pool2d(x, 2, ceil_mode=True)
        for i in range(1, count + 1):
            x = out[f'{block}_{i}'] = F.relu(F.conv2d(x, weights[f'{block}_{i}'], padding=1))
    return out


def gram(f):
    """Of pixels as they lie: no copy, and the gradient comes back channels last."""
    m = f.permute(0, 2, 3, 1).reshape(-1, f.shape[1])
    return (m.T @ m).float() / m.numel()


class Painting:
    def __init__(self, width, height, channels, dtype):
        self.dtype, self.weights, before = dtype, {}, 3
        names = [f'{b}_{i}' for b, count in enumerate(LAYERS, 1) for i in range(1, count + 1)]
        for name, out in zip(names, channels):
            weight = torch.randn(out, before, 3, 3) * (2 / (9 * before)) ** .5
            self.weights[name] = self.prepared(weight)
            before = out
        x = torch.rand(1, 3, height, width) * 255 - 128
        with torch.no_grad():
            f = features(self.prepared(x.flip(3)), self.weights)
            self.targets = {k: gram(v) for k, v in f.items() if k in STYLE}
            self.content = features(self.prepared(x), self.weights)[CONTENT].float()
        self.x = x.to(memory_format=torch.channels_last).requires_grad_(True)
        self.adam = torch.optim.Adam([self.x], lr=1)

    def prepared(self, tensor):
        return tensor.to(self.dtype).to(memory_format=torch.channels_last)

    def iterate(self):
        self.adam.zero_grad()
        f = features(self.prepared(self.x), self.weights)
        loss = 5 * ((f[CONTENT].float() - self.content) ** 2).mean()
        loss = loss + sum(100 * ((gram(f[k]) - self.targets[k]) ** 2).mean() for k in STYLE)
        for d in (self.x[:, :, 1:] - self.x[:, :, :-1], self.x[..., 1:] - self.x[..., :-1]):
            loss = loss + 100 * (d ** 2).mean()
        loss.backward()
        self.adam.step()


def main(width, height, threads, channels):
    torch.set_num_threads(int(threads))
    kinds = {'fp32': torch.float32}
    with open('/proc/cpuinfo') as info:
        if 'bf16' in info.read():
            kinds['bf16'] = torch.bfloat16
    shape = int(width), int(height), [int(c) for c in channels.split(',')]
    paintings = {}
    for name, dtype in kinds.items():
        try:
            painting = Painting(*shape, dtype)
            painting.iterate()
            paintings[name] = painting
        except RuntimeError:  # this oneDNN has no bfloat16 here
            if name == 'fp32':
                raise
    print(f'PyTorch {torch.__version__}|{blas()}|{" ".join(paintings)}', flush=True)
    for line in sys.stdin:
        paintings[line.strip()].iterate()
        begin = time.perf_counter()
        paintings[line.strip()].iterate()
        print(time.perf_counter() - begin, flush=True)


main(*sys.argv[1:])
