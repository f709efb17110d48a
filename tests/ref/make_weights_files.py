#!/usr/bin/python3
"""make_weights_files.py: one small VGG-19-shaped network in the layouts in which weights are
published, as the programs that people use write them (scipy, h5py, torch, numpy), for the tests of
the importers. Debian's python3-scipy, python3-h5py, python3-torch.

    tests/ref/make_weights_files.py [FOLDER [FIRST]]     FOLDER: instead of tests/data/weights;
                                    FIRST: channels of conv1_1, for a network of full width 64

net.safetensors holds the network itself, for RGB minus VGG's mean. Files for BGR have conv1_1's
input turned round, so that all of them give the same losses.
"""
import collections
import json
import os
import struct
import sys

import h5py
import numpy as np
import scipy.io
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = sys.argv[1] if len(sys.argv) > 1 else os.path.join(HERE, '..', 'data', 'weights')
FIRST = int(sys.argv[2]) if len(sys.argv) > 2 else 0
NAMES = [f'{b}_{i}' for b, n in ((1, 2), (2, 2), (3, 4), (4, 4), (5, 4)) for i in range(1, n + 1)]
# Neighbours differ, so that no dimension can be taken for another.
SMALL = [4, 5, 6, 4, 5, 6, 4, 5, 6, 4, 5, 6, 4, 5, 6, 4]
WIDTHS = SMALL if not FIRST else [FIRST * min(8, 2 ** (int(n[0]) - 1)) for n in NAMES]
FEATURES = [0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34]   # torchvision's indices
MEAN = [123.68, 116.779, 103.939]
POOLS = {'1_2': 'pool1', '2_2': 'pool2', '3_4': 'pool3', '4_4': 'pool4', '5_4': 'pool5'}


def network():
    random, made, before = np.random.RandomState(19), {}, 3
    for name, width in zip(NAMES, WIDTHS):
        scale = np.sqrt(2 / (9 * before))
        made[name] = (random.randn(width, before, 3, 3).astype('<f4') * np.float32(scale),
                      random.randn(width).astype('<f4'))
        before = width
    return made


def turned(net):
    """The same network for BGR."""
    kernel, bias = net['1_1']
    return {**net, '1_1': (kernel[:, ::-1].copy(), bias)}


def path(name):
    return os.path.join(OUT, name)


def save_safetensors(name, tensors, meta):
    header, data = {'__metadata__': meta}, b''
    for key, array in tensors:
        raw = np.ascontiguousarray(array, '<f4').tobytes()
        header[key] = {'dtype': 'F32', 'shape': list(array.shape),
                       'data_offsets': [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    with open(path(name), 'wb') as f:
        f.write(struct.pack('<Q', len(text)) + text + data)


def plain(net, names=NAMES):
    return [(f'conv{n}.{p}', a) for n in names for p, a in zip(('weight', 'bias'), net[n])]


# ---- MatConvNet -------------------------------------------------------------------------------

def matconvnet_layers(net, fields):
    layers = []
    for name in NAMES:
        kernel, bias = net[name]
        layers.append({'type': 'conv', 'name': f'conv{name}', 'stride': np.ones((1, 2)),
                       'pad': np.ones((1, 4)), **fields(kernel.transpose(2, 3, 1, 0), bias)})
        layers.append({'type': 'relu', 'name': f'relu{name}'})
        if name in POOLS:
            layers.append({'type': 'pool', 'name': POOLS[name], 'method': 'max'})
    layers.append({'type': 'conv', 'name': 'fc6',
                   **fields(np.zeros((7, 7, WIDTHS[-1], 8), 'f4'), np.zeros(8, 'f4'))})
    layers.append({'type': 'softmax', 'name': 'prob'})
    row = np.empty((1, len(layers)), object)
    row[0, :] = layers
    return row


def cells(*arrays):
    row = np.empty((1, len(arrays)), object)
    for i, a in enumerate(arrays):
        row[0, i] = a
    return row


def save_mat(net):
    image = np.tile(np.array(MEAN, 'f4'), (4, 4, 1))
    beta16 = matconvnet_layers(net, lambda k, b: {'weights': cells(k, b[None, :])})
    scipy.io.savemat(path('old.mat'), {
        'layers': beta16, 'classes': {'name': cells('n0', 'n1')},
        'normalization': {'averageImage': image, 'imageSize': np.array([[4., 4, 3]])}})
    first = matconvnet_layers(net, lambda k, b: {'filters': k, 'biases': b[None, :]})
    scipy.io.savemat(path('older.mat'), {'layers': first, 'normalization': {'averageImage': image}})
    new = matconvnet_layers(net, lambda k, b: {
        'weights': cells(k, b[:, None]), 'size': np.array([k.shape], 'f8'), 'opts': cells()})
    scipy.io.savemat(path('new.mat'), {'layers': new, 'meta': {
        'normalization': {'averageImage': np.array(MEAN, 'f4').reshape(1, 1, 3)},
        'inputs': {'name': 'data'}}}, do_compression=True)


# ---- Keras ------------------------------------------------------------------------------------

def save_keras(net):
    def fill(root, name):
        for n in NAMES:
            layer = f'block{n[0]}_conv{n[2]}'
            group, (kernel, bias) = root.create_group(layer), net[n]
            names = [name(layer, p) for p in 'Wb']
            group.attrs['weight_names'] = [s.encode() for s in names]
            group[names[0]], group[names[1]] = kernel.transpose(2, 3, 1, 0), bias
        for layer in ('block1_pool', 'flatten'):
            root.create_group(layer).attrs['weight_names'] = np.zeros(0)
        fc1 = root.create_group('fc1')
        fc1[name('fc1', 'W')], fc1[name('fc1', 'b')] = np.zeros((9, 8), 'f4'), np.zeros(8, 'f4')

    with h5py.File(path('keras1.h5'), 'w') as f:
        fill(f, lambda layer, p: f'{layer}_{p}_1:0')
    with h5py.File(path('keras2.h5'), 'w') as f:
        fill(f.create_group('model_weights'),
             lambda layer, p: f'{layer}/{"kernel" if p == "W" else "bias"}:0')
        f['optimizer_weights/Adam/block1_conv1/kernel/m:0'] = np.zeros((3, 3), 'f4')


# ---- PyTorch ----------------------------------------------------------------------------------

def save_torch(net):
    state = collections.OrderedDict()
    for name, i in zip(NAMES, FEATURES):
        for part, array in zip(('weight', 'bias'), net[name]):
            state[f'features.{i}.{part}'] = torch.from_numpy(array)
    state['classifier.0.weight'], state['classifier.0.bias'] = torch.zeros(8, 9), torch.zeros(8)
    state._metadata = {'': {'version': 1}, 'features': {'version': 1}}
    torch.save(state, path('zip.pth'))
    torch.save(state, path('legacy.pth'), _use_new_zipfile_serialization=False)
    torch.save(state, path('protocol4.pth'), pickle_protocol=4)


def save_checkpoint(net):
    """Parameters, views and strides, numbers beside the network."""
    views = collections.OrderedDict()
    for name in NAMES:
        kernel, bias = (torch.from_numpy(a) for a in net[name])
        far = torch.zeros(bias.shape[0] + 5)
        far[5:] = bias
        views[f'module.conv{name}.weight'] = torch.nn.Parameter(
            kernel.permute(2, 3, 1, 0).contiguous().permute(3, 2, 0, 1))
        views[f'module.conv{name}.bias'] = far[5:]
    torch.save({'epoch': 20, 'loss': 0.5, 'good': True, 'model': views, 'optimizer': {
        'state': {0: {'step': torch.tensor(3.), 'exp_avg': torch.zeros(2, 2)}},
        'param_groups': [{'lr': 1e-4, 'betas': (0.9, 0.999), 'params': [0, 1], 'none': None}]}},
        path('checkpoint.pth'))


def save_conv0(net):
    """As vgg19-se16x.pth: a 1x1 convolution from RGB 0-1 to BGR minus the mean; no conv5_2."""
    state = collections.OrderedDict()
    state['conv0.weight'] = 255 * torch.eye(3).flip(0).reshape(3, 3, 1, 1)
    state['conv0.bias'] = -torch.tensor(MEAN[::-1])
    for name in NAMES[:NAMES.index('5_1') + 1]:
        for part, array in zip(('weight', 'bias'), net[name]):
            state[f'conv{name[0]}{name[2]}.{part}'] = torch.from_numpy(array)
        if name.endswith('_1'):
            state[f'conv{name[0]}1_aux.weight'] = torch.zeros(7, 4, 1, 1)
    torch.save({'epoch': 20, 'model': state}, path('conv0.pth'),
               _use_new_zipfile_serialization=False)


# ---- NumPy ------------------------------------------------------------------------------------

def save_npz(net):
    np.savez(path('caffe.npz'), **dict(plain(net)), **{'fc6.weight': np.zeros((8, 9), 'f4')})
    hwio = {}
    for name in NAMES:
        kernel, bias = net[name]
        hwio[f'conv{name}_W'] = np.asfortranarray(kernel.transpose(2, 3, 1, 0))
        hwio[f'conv{name}_b'] = bias.astype('>f4')
    np.savez_compressed(path('hwio.npz'), **hwio, fc6_W=np.zeros((9, 8), 'f4'))


def main():
    os.makedirs(OUT, exist_ok=True)
    net = network()
    meta = {'strata.order': 'rgb', 'strata.mean': ','.join(map(str, MEAN))}
    save_safetensors('net.safetensors', plain(net, NAMES[:NAMES.index('5_2') + 1]), meta)
    save_safetensors('caffe.safetensors', plain(turned(net)), {'format': 'pt'})
    save_mat(net)
    save_keras(turned(net))
    save_torch(net)
    save_checkpoint(turned(net))
    save_conv0(turned(net))
    save_npz(turned(net))


main()
