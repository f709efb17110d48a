#!/usr/bin/env python3
"""Makes tests/data/ok (a few tiny good files) and tests/data/bad (malformed ones, and EXPECT.tsv,
which says for each how strata is started on it and what it must say). Deterministic and without
libraries; tests/cli/bad_inputs.sh runs the table. Some damage files of tests/data/weights.

    python3 tests/data/make_bad.py [FOLDER]      FOLDER: instead of tests/data
"""
import base64
import io
import json
import os
import shutil
import struct
import sys
import zipfile
import zlib

HERE = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
OK, BAD = '$OK', '$BAD'
OUT = '--output $TMP/out/out.png --iterations 1'
PICTURES = f'--content {OK}/content.png --styles {OK}/style.png'
TINY = '--network random:4'

cases = []


def save(folder, name, data):
    with open(os.path.join(HERE, folder, name), 'wb') as f:
        f.write(data.encode() if isinstance(data, str) else data)


def case(name, words, said):
    assert name not in [c[0] for c in cases] and '\t' not in words + said
    cases.append((name, words, said))


def content(name, data, said):
    save('bad', name, data)
    case(name, f'run --content {BAD}/{name} --styles {OK}/style.png {TINY} {OUT}', said)


def weights(name, data, said):
    name += '.safetensors'
    save('bad', name, data)
    case(name, f'run {PICTURES} --network {BAD}/{name} {OUT}', said)


def job(name, data, said):
    save('bad', name, data)
    case(name, f'run {BAD}/{name} {OUT}', said)


def options(name, words, said):
    case(name, f'run {PICTURES} {TINY} {OUT} {words}', said)


# ---- pictures ---------------------------------------------------------------------------------

MAGIC = b'\x89PNG\r\n\x1a\n'


def chunk(kind, data=b'', crc=0):
    body = kind + data
    return struct.pack('>I', len(data)) + body + struct.pack('>I', zlib.crc32(body) ^ crc)


def ihdr(width, height, depth=8, colour=2, interlace=0, crc=0):
    data = struct.pack('>IIBBBBB', width, height, depth, colour, 0, 0, interlace)
    return chunk(b'IHDR', data, crc)


def idat(width, height, blue=128, crc=0):
    rows = b''.join(b'\0' + bytes(v for x in range(width) for v in (15 * x, 15 * y, blue))
                    for y in range(height))
    return chunk(b'IDAT', zlib.compress(rows, 0), crc)


def png(*chunks):
    return MAGIC + b''.join(chunks)


END = chunk(b'IEND')
GOOD = png(ihdr(16, 12), idat(16, 12), END)
# 16x12, drawn by Pillow: tables (2 DQT), SOF0 at byte 140, tables (4 DHT), one scan.
JPEG = base64.b64decode(
    '/9j/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5mo'
    'q6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk'
    'pKT/wAARCAAMABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAABAX/xAAZEAACAwEAAAAAAAAAAAAAAAAAAwIE'
    'UWH/xAAVAQEBAAAAAAAAAAAAAAAAAAAAAv/EABgRAAMBAQAAAAAAAAAAAAAAAAABBAID/9oADAMBAAIRAxEAPwCeqpwW'
    'qpwYpccFqXHBvsyZaGf/2Q==')
SOF = 140


def sized(height, width, precision=8):
    return JPEG[:SOF + 4] + struct.pack('>BHH', precision, height, width) + JPEG[SOF + 9:]


def make_pictures():
    damaged = r'is a damaged or truncated PNG: '
    content('empty.png', b'', r'bad/empty\.png is empty$')
    content('text.png', 'hello\n', r'text\.png is neither PNG, JPEG nor WebP$')
    content('magic.png', b'\x89PNH' + GOOD[4:], r'magic\.png is neither PNG, JPEG nor WebP$')
    content('newlines.png', GOOD.replace(b'\r\n', b'\n'), r'newlines\.png is neither PNG, JPEG nor WebP$')
    content('gif.png', b'GIF89a\x10\0\x0c\0', r'looks like a GIF; convert it to PNG$')
    webp = r'is a WebP that cannot be read: '
    content('webp.png', b'RIFF\x0a\0\0\0WEBPVP8 ', webp + 'it ends too early$')
    content('no-picture.webp', b'RIFF\x0c\0\0\0WEBPABCD\0\0\0\0', webp + 'there is no picture in it$')
    content('no-head.webp', b'RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0' + bytes(10), webp + 'its picture has no head$')
    content('animated.webp', b'RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0\2\0\0\0\x0f\0\0\x0b\0\0',
            webp + 'it is an animation; save one of its pictures$')
    content('bomb.webp', b'RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0\x2f\xff\xff\xff\x0f' + bytes(5),
            'WebP: it is too short for its size in pixels$')
    content('flat.webp', b'RIFF\x16\0\0\0WEBPVP8L\x0a\0\0\0\x2f\x0f\0\3\0' + bytes(5),
            r'is a damaged or truncated WebP: .')
    content('signature.png', MAGIC, damaged + 'it has no header$')
    content('header-cut.png', GOOD[:25], damaged + 'it has no header$')
    content('data-cut.png', GOOD[:100], damaged + 'it ends too early$')
    content('no-end.png', GOOD[:-12], damaged + 'it ends too early$')
    content('no-data.png', png(ihdr(16, 12), END), damaged + '.')
    content('no-palette.png', png(ihdr(16, 12, 8, 3), idat(16, 12), END), damaged + '.')
    content('header-crc.png', png(ihdr(16, 12, crc=1), idat(16, 12), END), damaged + '.*CRC')
    content('data-crc.png', png(ihdr(16, 12), idat(16, 12, crc=1), END), damaged + '.*CRC')
    content('stream.png', png(ihdr(16, 12), chunk(b'IDAT', b'not zlib' * 4), END), damaged + '.')
    content('stream-short.png', png(ihdr(16, 12), idat(16, 3), END), damaged + '.')
    content('depth.png', png(ihdr(16, 12, depth=3), idat(16, 12), END), damaged + '.')
    content('colour.png', png(ihdr(16, 12, colour=5), idat(16, 12), END), damaged + '.')
    content('interlace.png', png(ihdr(16, 12, interlace=7), idat(16, 12), END), damaged + '.')
    content('chunk-length.png', GOOD[:33] + b'\xff\xff\xff\xff' + GOOD[37:],
            damaged + 'it ends too early$')
    content('no-width.png', png(ihdr(0, 12), idat(16, 12), END), r'has no pixels: it is 0×12$')
    content('no-height.png', png(ihdr(16, 0), idat(16, 12), END), r'has no pixels: it is 16×0$')
    content('huge.png', png(ihdr(2**31 - 1, 2**31 - 1), idat(16, 12), END),
            r'is too large: it is 2147483647×2147483647')
    content('over.png', png(ihdr(2**15, 2**15 + 1), idat(16, 12), END),
            r'is too large: it is 32768×32769')
    content('bomb.png', png(ihdr(11000, 11000), idat(16, 12), END),
            'too short for its size in pixels$')
    content('small.png', png(ihdr(4, 4), idat(4, 4), END),
            r'would be painted at 4×4, and each side needs')

    broken = r'is a (damaged or truncated JPEG|JPEG that cannot be read): '
    content('magic.jpg', b'\xff\xd9' + JPEG[2:], r'magic\.jpg is neither PNG, JPEG nor WebP$')
    content('start.jpg', JPEG[:3], broken)
    content('garbage.jpg', JPEG[:3] + bytes(range(7, 250)), broken)
    content('head-cut.jpg', JPEG[:SOF + 3], broken)
    content('tables-cut.jpg', JPEG[:SOF + 40], broken)
    content('scan-cut.jpg', JPEG[:-12], broken)
    content('no-scan.jpg', b'\xff\xd8\xff\xd9', broken)
    content('no-height.jpg', sized(0, 16), broken)
    content('no-width.jpg', sized(12, 0), broken)
    content('huge.jpg', sized(65500, 65500), r'is too large: it is 65500×65500')
    content('depth.jpg', sized(12, 16, 12), broken)
    content('huffman.jpg', JPEG[:SOF + 24] + b'\xff' * 16 + JPEG[SOF + 40:], broken)
    content('marker.jpg', JPEG[:4] + b'\0\1' + JPEG[6:], broken)

    start = f'run --content {OK}/content.png {TINY} {OUT} --styles'
    style = f'{OK}/style.png'
    case('style text.png', f'{start} {BAD}/text.png', r'text\.png is neither PNG, JPEG nor WebP$')
    case('style 4 of 5', f'{start} {style} {style} {style} {BAD}/data-cut.png blank',
         r'data-cut\.png is a damaged')
    options('initial no-end.png', f'--initial {BAD}/no-end.png', r'no-end\.png is a damaged')
    measure = f'eval {PICTURES} {TINY} --image'
    case('eval scan-cut.jpg', f'{measure} {BAD}/scan-cut.jpg', r'scan-cut\.jpg is a damaged')
    case('eval another size', f'{measure} {style} --json',
         r'style\.png is 12×16, and the content is measured at 16×12')
    case('eval huge.png', f'{measure} {BAD}/huge.png --grad $TMP/out/g.npy',
         r'huge\.png is too large')


# ---- weights ----------------------------------------------------------------------------------

LAYERS = '1_1 1_2 2_1 2_2 3_1 3_2 3_3 3_4 4_1 4_2 4_3 4_4 5_1'.split()
METADATA = {'strata.order': 'rgb', 'strata.mean': '123.68,116.779,103.939'}


def safetensors(header, data=b''):
    if not isinstance(header, bytes):
        header = json.dumps(header, separators=(',', ':')).encode()
    return struct.pack('<Q', len(header)) + header + data


def network(metadata=METADATA, drop=None, shapes=None, dtype='F32', value=None, change=None,
            factor=1):
    """A network of one channel a layer; shapes replaces some, value ends conv1_1.weight, change
    gets the header before it is written."""
    header, data = {'__metadata__': metadata}, b''
    for layer in LAYERS:
        for part in ('weight', 'bias'):
            name = f'conv{layer}.{part}'
            shape = [1] if part == 'bias' else [1, 3 if layer == '1_1' else 1, 3, 3]
            shape = (shapes or {}).get(name, shape)
            n = 1
            for side in shape:
                n *= side
            values = [factor * (i % 7 - 3) / 8 for i in range(n)]
            if value is not None and name == 'conv1_1.weight':
                values[-1] = value
            raw = struct.pack(f'<{n}' + {'F32': 'f', 'F16': 'e', 'F64': 'd'}[dtype], *values)
            if name != drop:
                header[name] = {'dtype': dtype, 'shape': shape,
                                'data_offsets': [len(data), len(data) + len(raw)]}
                data += raw
    if change:
        change(header)
    return safetensors(header, data)


def one(dtype='"F32"', shape='[2]', offsets='[0,8]', name='conv1_1.bias'):
    return safetensors(f'{{"{name}":{{"dtype":{dtype},"shape":{shape},"data_offsets":{offsets}}}}}'
                       .encode(), bytes(8))


def make_weights():
    unusable = r'is not a usable safetensors file: '
    no_json = unusable + 'its header is not a JSON object$'
    whole = network()
    weights('empty', b'', unusable + 'it is empty$')
    weights('short', whole[:7], unusable + 'it is too short$')
    weights('length', struct.pack('<Q', len(whole)) + whole[8:], unusable + 'its header is longer')
    weights('length-max', b'\xff' * 8 + whole[8:], unusable + 'its header is longer')
    weights('header-cut', whole[:200], unusable + 'its header is longer')
    weights('data-cut', whole[:-1], unusable + r'tensor conv5_1\.bias reaches beyond the end')
    weights('pickle', b'PK\x03\x04' + bytes(60), unusable + 'its header is longer')
    weights('no-json', safetensors(b'conv1_1'), no_json)
    weights('half-json', safetensors(b'{"1":1,'), no_json)
    weights('array', safetensors([]), no_json)
    weights('zero-byte', safetensors(b'{}\0'), no_json)
    weights('deep', safetensors(b'{"a":' + b'[' * 10000), no_json)
    weights('no-tensor', safetensors({}), unusable + 'it holds no tensor$')
    weights('metadata', safetensors({'__metadata__': 3}), unusable + 'its __metadata__ is not')
    weights('dtype', one(dtype='"F31"'), r'conv1_1\.bias has an unknown dtype$')
    weights('no-dtype', one(dtype='null'), r'conv1_1\.bias has no dtype$')
    weights('rank', one(shape='[1,1,1,1,1,1,1,1,2]'), 'has an impossible shape$')
    weights('shape-negative', one(shape='[-2]'), 'has an impossible shape$')
    weights('shape-huge', one(shape='[9007199254740992,9007199254740992]'),
            'has an impossible shape$')
    weights('shape-size', one(shape='[3]'), 'has a shape that its data_offsets do not fit$')
    weights('offset-negative', one(offsets='[-8,0]'), 'has impossible data_offsets$')
    weights('offset-fraction', one(offsets='[0.5,8.5]'), 'has impossible data_offsets$')
    weights('offset-huge', one(offsets='[0,1e300]'), 'has impossible data_offsets$')
    weights('offset-turned', one(offsets='[8,0]'), 'has impossible data_offsets$')
    weights('offset-beyond', one(offsets='[4,12]'), 'reaches beyond the end of the file')
    weights('offset-4gb', network(change=lambda h: h['conv5_1.weight'].update(
        shape=[32768, 32768], data_offsets=[0, 2**32])), 'reaches beyond the end of the file')
    weights('shape-4gb', one(shape='[32768,32768]'),
            'has a shape that its data_offsets do not fit$')
    weights('name', one(dtype='null', name=r'\u001b]0;x\u0007\n'),
            r'tensor \\x1b\]0;x\\x07\\x0a has no')
    weights('twice', safetensors(
        b'{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},'
        b'"a":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}', bytes(8)),
        'tensor a stands in it twice$')
    weights('overlap', network(change=lambda h: h['conv1_2.bias'].update(data_offsets=[0, 4])),
            r'tensor conv1_2\.bias overlaps another$')
    weights('no-first', network(drop='conv1_1.weight'), r'has no tensor conv1_1\.weight;')
    weights('no-last', network(drop='conv5_1.bias'), r'has no tensor conv5_1\.bias;')
    weights('other-names', safetensors(
        {'features.0.weight': {'dtype': 'F32', 'shape': [2], 'data_offsets': [0, 8]}}, bytes(8)),
        r'has no tensor conv1_1\.weight; is it a VGG-19')
    weights('kernel', network(shapes={'conv2_1.weight': [1, 1, 5, 5]}),
            r'tensor conv2_1\.weight must be \[1 to 2048, 1, 3, 3\]')
    weights('chain', network(shapes={'conv3_2.weight': [1, 2, 3, 3]}),
            r'tensor conv3_2\.weight must be \[1 to 2048, 1, 3, 3\]')
    weights('bias', network(shapes={'conv4_4.bias': [2]}), r'tensor conv4_4\.bias must be \[1\]')
    weights('no-channels', network(shapes={'conv1_1.weight': [0, 3, 3, 3]}),
            r'tensor conv1_1\.weight must be')
    weights('nan', network(value=float('nan')),
            r'value 26 of tensor conv1_1\.weight is not a finite number$')
    weights('infinity', network(value=float('inf'), dtype='F16'),
            r'value 26 of tensor conv1_1\.weight is not')
    weights('double', network(dtype='F64'),
            r'tensor conv1_1\.weight is F64; strata reads F32, F16 and BF16$')
    for name, key, value, said in (
            ('order', 'order', 'RGB', 'is neither rgb nor bgr$'),
            ('mean-two', 'mean', '1,2', 'must be three numbers from 0 to 255'),
            ('mean-huge', 'mean', '1,2,1e300', 'must be three numbers from 0 to 255'),
            ('mean-list', 'mean', [1, 2, 3], 'is no text$'),
            ('scale-nan', 'scale', '1,1,nan', 'must be three numbers from')):
        weights(name, network({f'strata.{key}': value}), rf'its metadata strata\.{key} {said}')


# ---- weights files of other programs -----------------------------------------------------------

class Call:
    """What pickles as a call of a function, by name, with arguments."""

    def __init__(self, module, name, *args):
        self.module, self.name, self.args = module, name, args


def pickled(value):
    """Protocol 2, written by hand: torch and os need not be there, and nothing can run."""
    if isinstance(value, Call):
        name = f'c{value.module}\n{value.name}\n'.encode()
        return name if value.args == (None,) else name + pickled(value.args) + b'R'
    if isinstance(value, Storage):
        return pickled(('storage', Call('torch', value.kind, None), value.key, 'cpu', value.n)) + b'Q'
    if isinstance(value, tuple):
        return b'(' + b''.join(pickled(v) for v in value) + b't'
    if isinstance(value, dict):
        return b'}(' + b''.join(pickled(k) + pickled(v) for k, v in value.items()) + b'u'
    if isinstance(value, str):
        return b'X' + struct.pack('<I', len(value)) + value.encode()
    return b'\x8a\x08' + struct.pack('<q', value)


class Storage:
    def __init__(self, n, key='0', kind='FloatStorage'):
        self.n, self.key, self.kind = n, key, kind


def tensor(shape, n, stride=None, offset=0, **storage):
    stride = stride or tuple(reversed([1, *shape][:len(shape)]))
    return Call('torch._utils', '_rebuild_tensor_v2', Storage(n, **storage), offset, tuple(shape),
                tuple(stride), 0, {})


def zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, 'w') as z:
        for name, content in files.items():
            z.writestr(zipfile.ZipInfo(name), content)
    return data.getvalue()


def archive(program, **storages):
    return zipped({'archive/data.pkl': program if isinstance(program, bytes)
                   else b'\x80\x02' + pickled(program) + b'.',
                   **{f'archive/data/{k}': v for k, v in storages.items()}})


def legacy(program, storages=b'\x80\x02].'):
    head = b'\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.'
    return head + b'\x80\x02M\xe9\x03.\x80\x02}.\x80\x02' + pickled(program) + b'.' + storages


def npy(descr, shape, data=b'', order='False'):
    text = f"{{'descr': {descr!r}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(text)) + text + data


def good(name):
    with open(os.path.join(HERE, 'weights', name), 'rb') as f:
        return f.read()


def swap(data, old, new):
    assert old in data and len(old) == len(new)
    return data.replace(old, new, 1)


def foreign(name, data, said):
    save('bad', name, data)
    case(name, f'weights import {BAD}/{name} -o $TMP/out/x.safetensors', said)


def make_pickles():
    state = 'is no state dict that strata can read: '
    run = Call('posix', 'system', 'touch /tmp/strata-was-here')
    uses = r'wants Python to use posix\.system, which no state dict needs; nothing was executed'
    foreign('system.pth', archive(run), uses)
    foreign('system-legacy.pth', legacy({'conv1_1.weight': run}), uses)
    foreign('system-bare.pth', b'\x80\x02' + pickled(run) + b'.',
            'is a pickle that torch.save did not write; nothing in it was executed$')
    foreign('eval.pth', archive(b'\x80\x04\x8c\x08builtins\x8c\x04eval\x93)R.'),
            r'use builtins\.eval, which')
    foreign('module.pth', archive(Call('torch.nn.modules.container', 'Sequential', 1)),
            r'use torch\.nn\.modules\.container\.Sequential.*torch\.save\(model\.state_dict\(\)')
    foreign('escape.pth', archive(Call('\x1b[2J', '\x07', 1)), r'use \\x1b\[2J\.\\x07, which')
    foreign('instance.pth', archive(b'(iposix\nsystem\n.'), state + '.*operation 0x69')
    foreign('deep.pth', archive(b'\x80\x02' + b'(' * 300000), state + 'it holds more than')
    foreign('copies.pth', archive(b'\x80\x02](' + b'](NNe' * 1000 + b'eq\x00' +
                                  b'ccollections\nOrderedDict\nh\x00\x85R' * 9000 + b'.'),
            state + 'it holds more than any network needs')
    foreign('empty-stack.pth', archive(b'\x80\x020.'), state + '.*operation 0x30')
    foreign('no-mark.pth', archive(b'\x80\x02Nt.'), state + 'its pickle takes more than it gave')
    foreign('memo.pth', archive(b'\x80\x02h\x07.'), state + 'its pickle comes back to what was')
    foreign('protocol.pth', archive(b'\x80\x09N.'), state + 'its pickle is of an unknown protocol')
    foreign('cut.pth', archive(b'\x80\x02X\xff\xff\xff\xffa.'), state + 'its pickle ends too early')
    foreign('list.pth', archive(b'\x80\x02].'), 'is no state dict: what it holds has no tensors')
    foreign('no-tensors.pth', archive({'epoch': 3}), "holds none of VGG-19's convolutions$")
    foreign('resnet.pth', archive({'layer1.weight': tensor([1], 1)}, **{'0': bytes(4)}),
            "holds none of VGG-19's convolutions, only layer1.weight$")
    foreign('vgg-bn.pth', archive({'features.1.weight': tensor([1], 1)}, **{'0': bytes(4)}),
            r'is no VGG-19: it has a tensor features\.1\.weight')
    kernel = 'conv1_1.weight'
    foreign('lost.pth', archive({kernel: tensor([2, 2], 4)}), 'lacks the values of a tensor, storage 0')
    foreign('4gb.pth', archive({kernel: tensor([32768, 32768], 2**30)}, **{'0': bytes(800)}),
            r'tensor conv1_1\.weight is larger than the file$')
    foreign('4gb-legacy.pth', legacy({kernel: tensor([32768, 32768], 2**30)}, b'\x80\x02]X\x01\0\0\x000a.'
                                     + struct.pack('<Q', 2**30) + bytes(800)),
            'ends before the values of its tensors do')
    foreign('4gb-expanded.pth', archive({kernel: tensor([32768, 32768], 1, (0, 0))}, **{'0': bytes(4)}),
            r'tensor conv1_1\.weight is too large for a 3x3')
    foreign('beyond.pth', archive({kernel: tensor([2, 2], 100, (1, 2), 5)}, **{'0': bytes(20)}),
            r'tensor conv1_1\.weight reaches beyond the end of its storage')
    foreign('stride.pth', archive({kernel: tensor([2, 2], 4, (2**62, 2**62))}, **{'0': bytes(16)}),
            r'tensor conv1_1\.weight is larger than the file$')
    foreign('negative.pth', archive({kernel: tensor([-2, 2], 4)}, **{'0': bytes(16)}),
            state + 'a tensor in it has an impossible shape')
    foreign('integers.pth', archive({kernel: tensor([1], 1, kind='LongStorage')}, **{'0': bytes(8)}),
            r'conv1_1\.weight holds whole numbers')
    foreign('rank.pth', archive({kernel: tensor([1] * 9, 1, (1,) * 9)}, **{'0': bytes(4)}),
            state + 'a tensor in it has an impossible shape')
    foreign('twice.pth', archive({kernel: tensor([1], 1), 'module.' + kernel: tensor([1], 1)},
                                 **{'0': bytes(4)}), 'are both the same layer')
    foreign('legacy-cut.pth', good('legacy.pth')[:9000], 'ends before the values of its tensors do')
    foreign('legacy-head.pth', good('legacy.pth')[:40], state + 'its pickle ends too early')


def make_archives():
    damaged = 'is a damaged or truncated ZIP archive: '
    whole = good('zip.pth')
    foreign('zip-cut.pth', whole[:-500], damaged + 'it has no end record; was it copied or fetched')
    foreign('zip-directory.pth', whole.replace(b'PK\x01\x02', b'PK\x01\x03'),
            damaged + 'its list of files is incomplete')
    foreign('zip-data.pth', swap(whole, b'features.0.weight', b'features.9.weight'),
            r'data\.pkl is damaged$')
    one = npy('<f4', '(1,)', bytes(4))
    size = struct.pack('<2I', len(one), len(one))
    small = zipped({'conv1_1.weight.npy': one})
    assert small.count(size) == 2
    foreign('zip-beyond.npz', small.replace(size, struct.pack('<2I', 9999, 9999)),
            'reaches beyond its end')
    foreign('zip-bomb.npz', small.replace(size, struct.pack('<2I', len(one), 2**32 - 2)),
            'has an impossible size')
    foreign('npz-cut.npz', good('caffe.npz')[:3000], damaged + 'it has no end record')
    foreign('npz-deflate.npz', good('hwio.npz')[:200] + bytes(50) + good('hwio.npz')[250:],
            r'conv1_1_W\.npy is damaged$')

    def array(name, data, said):
        foreign(name, zipped({'conv1_1.weight.npy': data}), r'conv1_1\.weight ' + said)
    array('text.npz', b'hello world, this is text', 'is no array that NumPy would write$')
    array('header.npz', npy('<f4', '(1,)')[:30], 'is no array that NumPy would write$')
    array('rank.npz', npy('<f4', '(1,1,1,1,1,1,1,1,1)', bytes(4)), 'is no array that NumPy')
    array('shape.npz', npy('<f4', '(-3,)', bytes(12)), 'is no array that NumPy')
    array('object.npz', npy('|O', '(1,)', b'\x80\x02cposix\nsystem\n.'), 'holds no floating-point')
    array('4gb.npz', npy('<f4', '(32768, 32768)', bytes(800)), 'is larger than what the file holds')
    array('overflow.npz', npy('<f4', '(4294967296, 4294967296)', bytes(8)), 'is larger than what')
    array('misshapen.npz', npy('<f4', '(2, 2)', bytes(16)), r'is \[2, 2\] and should be a 3x3')
    foreign('nothing.npz', zipped({'readme.txt': 'hello'}), "holds none of VGG-19's convolutions$")
    foreign('dict.npy', npy('|O', '()', b'\x80\x02}.'), 'is none of the files that strata imports')
    foreign('empty.pth', b'', r'empty\.pth is empty$')


def make_matlab_and_hdf5():
    mat, h5 = good('old.mat'), good('keras1.h5')
    shape = struct.pack('<4i', 3, 3, 4, 5)
    foreign('shapes.mat', swap(mat, shape, struct.pack('<4i', 3, 3, 5, 4)),
            r'tensor conv1_2\.weight is \[3, 3, 5, 4\] and should be a 3x3 convolution of 4 channels$')
    foreign('4gb.mat', swap(mat, shape, struct.pack('<4i', 3, 3, 16384, 8192)),
            "(conv1_2.weight is too large for|declares more weights than it holds|end too early)")
    foreign('100mb.mat', swap(mat, shape, struct.pack('<4i', 3, 3, 2048, 2048)),
            '(declares more weights than it holds|end too early)')
    foreign('cut.mat', mat[:20000], 'its layer conv[0-9]_[0-9] is incomplete; is the file cut short')
    foreign('head.mat', mat[:100], r'head\.mat is a damaged or truncated MATLAB file$')
    foreign('no-layers.mat', swap(mat, b'layers\0\0', b'lawyers\0'), 'there is no variable layers$')
    flags = struct.pack('<3I', 6, 8, 1)   # class 1 is a cell, 6 an array of double
    foreign('other.mat', swap(mat, flags, struct.pack('<3I', 6, 8, 6)), 'no row of cells$')
    foreign('no-groups.h5', h5.replace(b'block', b'blokk'),
            "holds none of VGG-19's convolutions, only blokk1_conv1/blokk1_conv1_W_1:0")
    foreign('cut.h5', h5[:30000], r'cut\.h5 is a damaged or truncated HDF5 file$')
    foreign('head.h5', h5[:8], r'head\.h5 is a damaged or truncated HDF5 file$')
    sides = struct.pack('<4Q', 3, 3, 4, 5)
    newer = 'cannot be read; is the file damaged\\?'  # HDF5 1.14 looks at the sizes itself
    foreign('4gb.h5', swap(h5, sides, struct.pack('<4Q', 3, 3, 16384, 16384)),
            f'(is larger than what the file holds of it|{newer})$')
    foreign('shapes.h5', swap(h5, sides, struct.pack('<4Q', 3, 3, 5, 4)),
            rf'(is \[3, 3, 5, 4\] and should be a 3x3 convolution of 4 channels|{newer})$')
    foreign('theano.h5', h5.replace(struct.pack('<4Q', 3, 3, 3, 4), struct.pack('<4Q', 4, 3, 3, 3)),
            r'conv1_W_1:0 is \[4, 3, 3, 3\] and should be')


def make_weights_words():
    case('weights word', 'weights frobnicate', 'there is no weights frobnicate; there are list, info')
    case('import nothing', 'weights import', 'import needs the name of a weights file$')
    case('import lost', r'weights import $TMP/lost\x1b[2J.pth', r'cannot read .*lost\\x1b\[2J\.pth: No such')
    case('import lost -o', r'weights import $TMP/lost.pth -o $TMP/out/x', 'cannot read .*lost.pth: No such')
    case('import folder', 'weights import $TMP/folder.png -o $TMP/out/x', 'is a folder; name a file$')
    case('import pipe', 'weights import $TMP/pipe.png -o $TMP/out/x', 'is a device or a pipe; name')
    case('import two', f'weights import {BAD}/a {BAD}/b', 'import takes one file; .*/b is one too many')
    case('no such run', 'resume run-1',
         'there is no run whose name begins with run-1; strata runs lists what there is')
    case('nor sweep', 'sweep a.ini', 'cannot read a.ini: No such file')
    case('bench abbreviated', 'bench --th=x', '--threads: x is not a number')
    case('bench ambiguous', 'bench --n', '--network needs a value')
    case('fetch option', 'weights fetch vgg19 --mirrors x', 'fetch knows no option --mirrors; it has --mirror, .*--overwrite')
    case('import order', f'weights import {BAD}/a --order grb', '--order grb is neither rgb nor bgr$')
    case('import mean', f'weights import {BAD}/a --mean 1,2', '--mean 1,2 is not three numbers from 0')
    case('import mean high', f'weights import {BAD}/a --mean 1,2,256', 'is not three numbers from 0')
    case('import -o', f'weights import {BAD}/a -o', '-o needs a value$')
    case('import exists', 'weights import $BAD/cut.h5 -o $TMP/there.png', r'there\.png exists already')
    case('import nowhere', 'weights import $BAD/cut.h5 -o $TMP/lost/x', 'there is no folder .*/lost;')
    case('fetch nothing', 'weights fetch', 'fetch needs a name: `strata weights list` shows')
    case('fetch unknown', 'weights fetch vgg99', 'there is no vgg99 to fetch; `strata weights list`')
    case('fetch address', 'weights fetch http://127.0.0.1:1/x.pth', 'an address needs --sha256, 64')
    case('fetch checksum', 'weights fetch http://127.0.0.1:1/x.pth --sha256 12ab', 'needs --sha256, 64')
    case('fetch strata16', 'weights fetch http://127.0.0.1:1/x --name strata16 --sha256 ' + 64 * 'a',
         "strata16 cannot be a network's name")
    case('fetch path', 'weights fetch http://127.0.0.1:1/x --name ../x --sha256 ' + 64 * 'a',
         r"\.\./x cannot be a network's name")
    case('info lost', 'weights info $TMP/lost', 'there is no network and no file .*/lost;')
    case('info bad', f'weights info {BAD}/nan.safetensors', 'is not a finite number$')
    case('info random', 'weights info random:16', 'is made of random numbers and has no file$')
    case('info none', 'weights info', 'info takes one network: a name or a file$')
    case('list more', 'weights list all', 'list takes no all$')


# ---- jobs -------------------------------------------------------------------------------------

HEAD = '[job]\ncontent = ../ok/content.png\nnetwork = random:4\n'
STYLES = HEAD + 'styles = ../ok/style.png\n'


def job_png(*chunks):
    return png(ihdr(16, 12), *chunks, idat(16, 12), END)


def make_jobs():
    def line(name, text, said, number=5):
        job(f'{name}.ini', f'{STYLES}{text}\n', rf'bad/{name}\.ini:{number}: .*{said}')

    line('key', 'contnet = x.png', 'contnet')
    line('key-escape', '\x1b[31mkey\a = 1', r'\\x1b\[31mkey\\x07')
    line('twice', 'content = ../ok/style.png', r'content.* \[job\] twice')
    line('number', 'style_weight = many', 'style_weight: many is not a number')
    line('number-rest', 'tv_weight = 100px', 'tv_weight: 100px is not a number')
    line('nan', 'content_weight = nan', 'content_weight: nan is not a number')
    line('huge', 'learning_rate = 1e999', 'learning_rate: 1e999 is not a number')
    line('negative', 'iterations = -1', 'iterations: -1 lies outside 0 to')
    line('fraction', 'width = 12.5', 'width: 12.5 is not a whole number')
    line('seed', 'seed = 18446744073709551616', 'seed: 18446744073709551616 is not a whole number')
    line('choice', 'pooling = median', r'pooling: median is none of max\|avg')
    line('flag', 'preserve_colors = yes', 'preserve_colors: yes is neither true nor false')
    line('crop', 'style_crops = 3/2', '3/2 is not a crop such as')
    line('no-value', 'content_weight', r'neither \[section\] nor key = value')
    line('long', 'output = ' + 'x' * 5000, '(too long|longer)')
    line('long-key', 'x' * 5000 + ' = 1', '(too long|neither)')
    line('long-number', 'width = ' + '1' * 300, '(lies outside|not a )')
    line('section', '[jobs]\nwidth = 1', r'section \[jobs\] is unknown', '[56]')
    line('layer', '[channel relu6_1]\nstate = on', r'section \[channel relu6_1\] is', '[56]')
    line('open', '[channel relu1_1\nweight = 1', r'neither \[section\] nor key = value')
    line('state', '[channel relu1_1]\nstate = mute', 'state: mute is none of on, blank, grey, content, off', 6)
    line('weight', '[channel relu2_1]\nweight = -1', 'weight: -1 lies outside 0 to', 6)
    line('channel-key', '[channel relu2_1]\nwidth = 9', 'channel has no .*key', 6)
    line('channel-twice', '[channel relu2_1]\nweight = 1\nweight = 2',
         r'weight.* \[channel relu2_1\] twice', 7)
    job('no-section.ini', 'width = 16\n', r'no-section\.ini:1: .*section')
    job('no-content.ini', '[job]\nwidth = 16\n', r'there is no content and no style; name them')
    job('empty.ini', '', r'there is no content and no style; name them')
    job('zero-byte.ini', STYLES + '\0', r'zero-byte\.ini is not a job file: it holds a zero byte$')
    job('binary.ini', bytes(range(1, 256)), r'binary\.ini:[12]: ')
    job('many.ini', HEAD + 'styles = ' + ','.join(17 * 's') + '\n',
        r'many\.ini:4: styles: .*at most 16')
    job('counts.ini', STYLES + 'style_scales = 1, 2, 3\n',
        r'counts\.ini: style_scales.* 3 .*for 5 layers')
    job('shares.ini', HEAD + 'styles = ../ok/style.png, blank\nstyle_blend_weights = 0, 0\n',
        r'shares\.ini: style_blend_weights: one of them must be above 0$')
    job('none.ini', HEAD + 'styles = ../ok/style.png, none\n',
        r'none\.ini: styles: none .*leave it out')
    job('no-style.ini', HEAD + '[channel relu1_1]\nstate = on\n',
        r'channel relu1_1 is on and has no style')
    job('missing.ini', STYLES.replace('content.png', 'lost.png'), r'ok/lost\.png: No such file')
    job('network.ini', STYLES.replace('random:4', 'vgg19'),
        r'the network vgg19 is not here yet; `strata weights fetch vgg19`')
    job('path-escape.ini', STYLES.replace('content.png', '\x1b]0;x\a.png'),
        r'ok/\\x1b\]0;x\\x07\.png: No such file')
    job('path-percent.ini', STYLES.replace('content.png', '%1B[2J%0A.png'),
        r'ok/\\x1b\[2J\\x0a\.png: No such file')
    job('path-turned.ini', STYLES.replace('content.png', '\u202egnp.\u0085x'),
        r'ok/\\xe2\\x80\\xaegnp\.\\xc2\\x85x: No such file')
    job('path-latin1.ini', STYLES.encode().replace(b'content.png', b'caf\xe9\x9b.png'),
        r'ok/caf\\xe9\\x9b\.png: No such file')
    job('folder.ini', STYLES.replace('content.png', ''), r'ok/ is a folder; name a file$')

    def chunked(data, crc=0):
        return job_png(chunk(b'iTXt', b'strata-job\0' + data, crc))
    job('no-job.png', job_png(), r'there is no style; strata run CONTENT')
    job('job-crc.png', chunked(b'\0\0\0\0' + STYLES.encode(), 1),
        r'the job in .*job-crc\.png is damaged or compressed$')
    job('job-zip.png', chunked(b'\1\0\0\0' + zlib.compress(STYLES.encode(), 0)),
        r'is damaged or compressed$')
    job('job-zero.png', chunked(b'\0\0\0\0[job]\n\0'), r'is damaged or compressed$')
    job('job-short.png', chunked(b'\0'), r'is damaged or compressed$')
    job('job-key.png', chunked(b'\0\0\0\0[job]\nhue = 1\n'),
        r'job-key\.png:2: .*hue')
    job('job-text.png', 'no picture', r'job-text\.png is no PNG, so it holds no job$')


# ---- the command line and places ----------------------------------------------------------------

def make_options():
    case('no job', f'run {BAD}/lost.ini {OUT}',
         r'cannot read tests/data/bad/lost\.ini: No such file')
    case('nothing', 'run', 'there is no content and no style; strata run CONTENT')
    case('no image', f'eval {PICTURES}', 'eval needs --image')
    options('option', '--style-wieght 5', 'no option --style-wieght; did you mean --style-weight')
    options('option escape', r'--\x1b[31m', r'there is no option --\\x1b\[31m')
    options('width', '--width 99999999', '--width: .*lies outside 0 to')
    options('no value', '--width', '--width needs a value$')
    options('crop', '--style-crops 1/8@2,2', 'is not a crop such as')
    options('number', '--iterations 10x', '--iterations: 10x is not a number$')
    options('job and picture', f'{BAD}/a.ini {BAD}/b.jpg', 'stand behind no option: one job can')
    options('not of run', '--json', '--json is not an option of run$')
    options('size of text', '--style-weight inf', '--style-weight: inf is not a number$')
    options('relu5_2', f'--network {OK}/network.safetensors --content-weight-blend 0.5',
            r'ok/network\.safetensors has no layer relu5_2')
    options('network', '--network random:3',
            'random networks are random:vgg19 and random:4 to random:64$')
    options('network name', r'--network \x1b[2Jvgg',
            r'there is no network and no file \\x1b\[2Jvgg;')
    for name, path, said in (
            ('lost', r'$TMP/lost\x20\x1b[1m\x0a.png',
             r'lost \\x1b\[1m\\x0a\.png: No such file'),
            ('folder', '$TMP/folder.png', r'folder\.png is a folder; name a'),
            ('pipe', '$TMP/pipe.png', r'pipe\.png is a device or a pipe; name a'),
            ('loop', '$TMP/loop.png', r'cannot read .*loop\.png: Too many levels of symbolic'),
            ('zeros', '/dev/zero', r'/dev/zero is a device or a pipe; name a'),
            ('in a file', f'{OK}/content.png/x.png', r'content\.png/x\.png: Not a directory$'),
            ('long', '$TMP/' + 300 * 'x', r'cannot read .*xxx: File name too long$')):
        options(f'content {name}', f'--content {path}', said)
        options(f'network {name}', f'--network {path}',
                'there is no network and no file .*lost' if name == 'lost' else said)
    options('output ending', '--output $TMP/out/out.bmp',
            r'out\.bmp: \.bmp is not written')
    options('output ending escape', r'--output $TMP/out/\x1b[2J\x0a',
            r'out/\\x1b\[2J\\x0a has no ending')
    options('output long', '--output $TMP/out/' + 296 * 'x' + '.png',
            r'xxx\.png: File name too long$')
    together = '--checkpoint-output and --checkpoint-iterations are needed together$'
    options('checkpoint alone', '--checkpoint-output $TMP/out/at-{}.png', together)
    options('checkpoint count', '--checkpoint-iterations 1', together)
    for name, path, said in (
            ('pattern', 'at.png', r'at\.png must hold one \{\} or %d'),
            ('pattern twice', 'at-{}-%d.png', 'must hold one'),
            ('pattern %x', 'at-%x.png', r'at-%x\.png must hold one'),
            ('pattern wide', 'at-%999999999d.png', 'must hold one'),
            ('ending', 'at-{}.gif', r'at-1\.gif: \.gif is not written'),
            ('folder', 'lost/at-{}.png', 'there is no folder .*/out/lost; create it$')):
        options(f'checkpoint {name}', '--iterations 3 --checkpoint-iterations 1 '
                f'--checkpoint-output $TMP/out/{path}', said)
    options('checkpoint exists', '--iterations 3 --checkpoint-iterations 2 '
            '--checkpoint-output $TMP/there{}.png', r'there2\.png exists already')
    options('output folder', '--output $TMP/lost/out.png',
            r'there is no folder .*/lost; create it$')
    options('output exists', '--output $TMP/there.png',
            r'there\.png exists already; choose another name')
    options('output is one', '--output $TMP/folder.png', r'folder\.png is a folder')
    case('gradient', f'eval {PICTURES} {TINY} --image {OK}/content.png --grad $TMP/lost/g.npy',
         r'there is no folder .*/lost; create it$')


def main():
    for folder in ('ok', 'bad'):
        path = os.path.join(HERE, folder)
        shutil.rmtree(path, ignore_errors=True)
        os.mkdir(path)
    save('ok', 'content.png', GOOD)
    save('ok', 'style.png', png(ihdr(12, 16), idat(12, 16, 10), END))
    save('ok', 'photo.jpg', JPEG)
    save('ok', 'network.safetensors', network(dtype='F16'))
    save('ok', 'wild.safetensors', network(factor=1e30)) # usable numbers; losses that are none
    save('ok', 'job.ini', STYLES.replace('../ok/', '').replace('random:4', 'network.safetensors'))
    make_pictures()
    make_weights()
    make_pickles()
    make_archives()
    make_matlab_and_hdf5()
    make_weights_words()
    make_jobs()
    make_options()
    save('bad', 'EXPECT.tsv', ''.join('\t'.join(c) + '\n' for c in cases))


main()
