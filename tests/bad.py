#!/usr/bin/env python3
"""bad.py: at least 250 bad inputs, each of which must end with one sentence and status 1 or 2, within
a second of computing and 200 MB, whatever is wrong: the files of tests/data/bad, and valid files cut,
overwritten and inflated here, by a fixed seed. Run by `make bad`; STRATA is the program."""
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib

STRATA = os.path.abspath(os.environ.get('STRATA', 'build/strata'))
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'data')
OK, BAD, WEIGHTS = (os.path.join(ROOT, name) for name in ('ok', 'bad', 'weights'))
WEBP = os.path.join(os.path.dirname(ROOT), 'ref', 'images')
SECONDS, MEGABYTES, LEAST, PATIENCE = 1.0, 200, 250, 20
CONTENT, STYLE = os.path.join(OK, 'content.png'), os.path.join(OK, 'style.png')
TINY = ['--network', 'random:4']


class Tally:
    def __init__(self):
        self.refused = self.accepted = 0
        self.failures = []
        self.seconds, self.megabytes = (0.0, ''), (0.0, '')


def load(path):
    with open(path, 'rb') as f:
        return f.read()


def start(words, tmp):
    """Status, seconds of computing, megabytes, what was said; status None: it did not end."""
    with open(os.path.join(tmp, 'out'), 'wb') as out, open(os.path.join(tmp, 'err'), 'wb') as err:
        child = subprocess.Popen([STRATA] + words, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                 env=dict(os.environ, OMP_NUM_THREADS='2'))
    end = time.monotonic() + PATIENCE
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            child.returncode = 0
            break
        if time.monotonic() > end:
            os.kill(child.pid, signal.SIGKILL)
        time.sleep(0.002)
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
    return (code, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024,
            load(os.path.join(tmp, 'err')))


def problem_of(code, seconds, megabytes, said, made):
    lines = said.split(b'\n')
    if code == 0:
        return 'accepted, and says ' + repr(said[:80]) if b'strata: ' in said else ''
    if code not in (1, 2):
        return f'status {code}'
    if len(lines) != 2 or lines[1] or not lines[0].startswith(b'strata: ') or len(said) < 20:
        return f'no sentence: {said[:200]!r}'
    if any(c < 32 or c == 127 for c in lines[0]):
        return 'control bytes'
    if made:
        return 'left ' + ', '.join(made)
    return ''


def check(tally, name, words, tmp, may_pass):
    """may_pass: the damage may be where it does no harm."""
    place = os.path.join(tmp, 'made')
    os.mkdir(place)
    words = [word.replace('@', place) for word in words]
    code, seconds, megabytes, said = start(words, tmp)
    if seconds > SECONDS: # threads that wait for one another on a busy machine compute, too
        seconds = min(seconds, start(words, tmp)[1])
    problem = problem_of(code, seconds, megabytes, said, os.listdir(place))
    shutil.rmtree(place)
    if not problem and code == 0 and not may_pass:
        problem = 'accepted'
    if not problem and code != 0 and (seconds > SECONDS or megabytes > MEGABYTES):
        problem = f'took {seconds:.2f} s and {megabytes:.0f} MB'
    if code == 0:
        tally.accepted += 1
    else:
        tally.refused += 1
        tally.seconds = max(tally.seconds, (seconds, name))
        tally.megabytes = max(tally.megabytes, (megabytes, name))
    if problem:
        tally.failures.append(name)
        print(f'--- {name}: {problem}\n    {" ".join(words)}')


# ---- damage --------------------------------------------------------------------------------------

def damaged(data, count, rng):
    """(kind, data, may still be good)"""
    for i in range(count):
        kind = ('cut', 'byte', 'block', 'zeros', 'twice')[i % 5]
        at = rng.randrange(len(data))
        length = min(len(data) - at, rng.randrange(1, 40))
        if kind == 'cut':
            yield f'{kind} {at}', data[:at], False
        elif kind == 'byte':
            yield f'{kind} {at}', data[:at] + bytes([data[at] ^ rng.randrange(1, 256)]) + data[at + 1:], True
        elif kind == 'block':
            yield f'{kind} {at}', data[:at] + rng.randbytes(length) + data[at + length:], True
        elif kind == 'zeros':
            yield f'{kind} {at}', data[:at] + bytes(length) + data[at + length:], True
        else:
            yield f'{kind} {at}', data[:at + length] + data[at:], True


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def png(width, height, depth, colour, interlace, data):
    head = struct.pack('>IIBBBBB', width, height, depth, colour, 0, 0, interlace)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunk(b'IDAT', data) + chunk(b'IEND', b'')


def riff(kind, body):
    chunk = kind + struct.pack('<I', len(body)) + body + bytes(len(body) & 1)
    return b'RIFF' + struct.pack('<I', len(chunk) + 4) + b'WEBP' + chunk


def bomb_pictures():
    """Small files that claim to be large pictures."""
    jpeg = load(os.path.join(OK, 'photo.jpg'))
    frame = jpeg.index(b'\xff\xc0')
    for width, height in ((11500, 11500), (65000, 2000), (2000, 65000), (30000, 30000), (65535, 65535)):
        for depth, colour in ((1, 0), (8, 2), (16, 6)):
            for interlace in (0, 1):
                yield (f'bomb {width}x{height} {depth} {colour} {interlace}.png',
                       png(width, height, depth, colour, interlace, zlib.compress(bytes(10000))))
        size = struct.pack('>HH', min(height, 65500), min(width, 65500))
        for marker in (b'\xff\xc0', b'\xff\xc2'):
            yield (f'bomb {width}x{height} {marker[1]:x}.jpg',
                   jpeg[:frame] + marker + jpeg[frame + 2:frame + 5] + size + jpeg[frame + 9:])
    for width, height in ((16383, 16383), (16383, 300), (8000, 8000)):
        head = struct.pack('<I', width - 1 | height - 1 << 14)
        for rest in (b'', bytes(40), b'\xff' * 400):
            yield f'bomb {width}x{height} {len(rest)} lossless.webp', riff(b'VP8L', b'\x2f' + head + rest)
            yield f'bomb {width}x{height} {len(rest)}.webp', \
                riff(b'VP8 ', b'\x10\0\0\x9d\x01\x2a' + struct.pack('<HH', width, height) + rest)
    yield 'bomb text.png', (png(16, 12, 8, 2, 0, b'')[:33] + b'\x7f\xff\xff\xffiTXtstrata-job\0')
    yield 'bomb profile.png', png(16, 12, 8, 2, 0, b'')[:33] + \
        chunk(b'iCCP', b'x\0\0' + zlib.compress(bytes(1 << 26), 9)) + chunk(b'IDAT', b'')
    yield 'bomb chunks.png', png(16, 12, 8, 2, 0, b'')[:33] + 200000 * chunk(b'tEXt', b'') + \
        chunk(b'IEND', b'')


def archive(path, files):
    """files: name, beginning, and how many zeros behind it; a little at a time, for a child's memory
    is counted from the size that we have when it starts."""
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
        for name, data, zeros in files:
            with z.open(name, 'w') as f:
                f.write(data)
                for _ in range(zeros >> 16):
                    f.write(bytes(1 << 16))


def npy(shape):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b'\x93NUMPY\1\0' + struct.pack('<H', len(head)) + head


def text(value):
    return b'X' + struct.pack('<I', len(value)) + value.encode()


def many_tensors(count, n):
    """A state dict of so many tensors, each with a storage of n floats, all of them the same file."""
    out = b'\x80\x02}('
    for i in range(count):
        out += text(f'features.{i}.bias') + b'ctorch._utils\n_rebuild_tensor_v2\n((' + text('storage') + \
            b'ctorch\nFloatStorage\n' + text('0') + text('cpu') + b'\x8a\x05' + \
            struct.pack('<Q', n)[:5] + b'tQK\0K\x01\x85K\x01\x85\x89}tR'
    return out + b'u.'


def bomb_archives(tmp):
    """Small archives of much."""
    large = 1 << 28
    for name, files in (
            ('bomb.npz', [('conv1_1.npy', npy('(8192, 8192)'), large)]),
            ('bombs.npz', [(f'conv{b}_1.npy', npy('(1024, 64, 3, 3)'), 9 << 18) for b in range(1, 6)]),
            ('entries.npz', [(f'{i}.npy', b'', 0) for i in range(20000)]),
            ('bomb.pth', [('a/data.pkl', many_tensors(16, 1 << 26), 0), ('a/data/0', b'', large)]),
            ('pickle.pth', [('a/data.pkl', b'\x80\x02', large)]),
            ('many.pth', [('a/data.pkl', many_tensors(20000, 4), 0), ('a/data/0', bytes(16), 0)]),
            ('deep.pth', [('a/data.pkl', b'\x80\x02' + b'(' * 5000000 + b'.', 0)]),
            ('lists.pth', [('a/data.pkl', b'\x80\x02' + b']' * 5000000 + b'.', 0)])):
        archive(os.path.join(tmp, name), files)
        yield name, os.path.join(tmp, name)
    sparse = os.path.join(tmp, 'sparse')
    for name, head in (('x.npz', b'PK\3\4'), ('x.pth', b'\x80\x02'), ('x.h5', b'\x89HDF\r\n\x1a\n'),
                       ('x.mat', b'MATLAB 5.0 MAT-file'), ('x.safetensors', struct.pack('<Q', 1 << 29)),
                       ('y.safetensors', struct.pack('<Q', 1 << 40))):
        with open(sparse + name, 'wb') as f:
            f.write(head)
            f.truncate(1 << 30)
        yield f'1 GiB {name}', sparse + name


def bad_edits():
    """Sections of a job file that no run can make."""
    yield 'ten thousand', ''.join(f'[edit {i}]\ntv_weight = {i}\n' for i in range(10000))
    for number in ('-1', '1e9', '1000000000', '99999999999999999999', '', 'x', '1 2', '0x10'):
        yield f'at "{number}"', f'[edit {number}]\ntv_weight = 1\n'
    yield 'unsorted', '[edit 9]\ntv_weight = 1\n[edit 3]\ntv_weight = 2\n'
    yield 'twice', '[edit 9]\nrelu1_1.weight = 1\nrelu1_1.weight = 2\n'
    for line in ('width = 64', 'content = /etc/passwd', 'network = x', 'schedule = classic', 'seed = 2',
                 'output = /tmp/x.png', 'edit = 1', 'relu1_1 = 1', 'relu1_1. = 1', 'relu9_1.weight = 1',
                 'relu1_1.weight = -1', 'relu1_1.weight = nan', 'relu1_1.state = odd', 'relu1_1.crop = 2',
                 'relu1_1.style = grey', 'style_weight = x', 'iterations = -1', 'styles = a.png',
                 'blend = true', 'style_layer_weight_exp = 2', 'before = found'):
        yield line, f'[edit 1]\n{line}\n'
    yield 'lost', '[edit 1]\ntv_weight = 1\n[edit 2]\nbefore = lost\n'
    yield 'missing', '[edit 1]\nrelu1_1.style = missing.png\n'
    yield 'off', '[edit 1]\n' + ''.join(f'relu{i}_1.state = off\n' for i in range(1, 6))
    yield 'long', '[edit 1]\nrelu1_1.style = ' + 'x' * 5000 + '\n'


# ---- how strata meets them -----------------------------------------------------------------------

def as_content(path):
    return ['run', '--content', path, '--styles', STYLE] + TINY + ['--output', '@/o.png', '--iterations', '1']


def as_style(path):
    return ['run', '--content', CONTENT, '--styles', path] + TINY + ['--output', '@/o.png', '--iterations', '1']


def as_initial(path):
    return as_content(CONTENT) + ['--initial', path]


def as_measured(path):
    return ['eval', '--content', CONTENT, '--styles', STYLE] + TINY + ['--image', path]


def as_network(path):
    return ['run', '--content', CONTENT, '--styles', STYLE, '--network', path, '--output', '@/o.png',
            '--iterations', '1']


def as_shown(path):
    return ['show', '--graphics', 'ascii', path]


def as_job(path):
    return ['run', path, '--output', '@/o.png', '--iterations', '1']


def as_info(path):
    return ['weights', 'info', path]


def as_import(path):
    return ['weights', 'import', path, '-o', '@/o.safetensors']


def as_named(path):
    return ['weights', 'import', path]


def inputs(tmp):
    """(name, words, may be accepted)"""
    rng = random.Random(1)
    fifo, loop = os.path.join(tmp, 'fifo.png'), os.path.join(tmp, 'loop.png')
    os.mkfifo(fifo)
    os.symlink('loop.png', loop)
    ways = (as_content, as_style, as_initial, as_measured, as_network, as_shown, as_job, as_info, as_import)
    for path in (fifo, loop, tmp, '/dev/zero', '/dev/null', '/dev/tty', '/proc/self/mem', '', 'x' * 5000,
                 '\x1b]0;x\a.png', 'lost.png/'):
        for way in ways:
            yield f'{way.__name__} {path[:20]!r}', way(path), False
    pictures = (as_content, as_style, as_initial, as_measured, as_shown)
    for picture in [os.path.join(OK, name) for name in ('content.png', 'photo.jpg')] + \
            [os.path.join(WEBP, f'webp-{name}.webp') for name in ('lossy', 'alpha', 'lossless', 'turn6')]:
        name = os.path.basename(picture)
        for i, (kind, data, good) in enumerate(damaged(load(picture), 60, rng)):
            path = os.path.join(tmp, f'{i}-{name}')
            with open(path, 'wb') as f:
                f.write(data)
            yield f'{name} {kind}', pictures[i % len(pictures)](path), good
    for i, (name, data) in enumerate(bomb_pictures()):
        path = os.path.join(tmp, name)
        with open(path, 'wb') as f:
            f.write(data)
        yield name, pictures[i % len(pictures)](path), False
    for i, (kind, data, good) in enumerate(damaged(load(os.path.join(OK, 'network.safetensors')), 60, rng)):
        path = os.path.join(tmp, f'{i}.safetensors')
        with open(path, 'wb') as f:
            f.write(data)
        yield f'network {kind}', (as_network, as_info, as_import)[i % 3](path), good
    job = load(os.path.join(OK, 'job.ini')).replace(b'= ', b'= ' + os.fsencode(OK) + b'/', 2)
    for i, (kind, data, good) in enumerate(damaged(job, 60, rng)):
        path = os.path.join(tmp, f'{i}.ini')
        with open(path, 'wb') as f:
            f.write(data)
        yield f'job {kind}', as_job(path), True
    job = job.replace(b'= network', b'= ' + os.fsencode(OK) + b'/network')
    for name, edits in bad_edits():
        path = os.path.join(tmp, 'edits.ini')
        with open(path, 'wb') as f:
            f.write(job + edits.encode())
        yield f'edits: {name}', as_job(path), False
    for name in sorted(os.listdir(WEIGHTS)):
        data = load(os.path.join(WEIGHTS, name))
        for i, (kind, data, good) in enumerate(damaged(data, 15, rng)):
            path = os.path.join(tmp, f'{i}-{name}')
            with open(path, 'wb') as f:
                f.write(data)
            yield f'{name} {kind}', as_import(path), True
    for name, path in bomb_archives(tmp):
        yield name, as_import(path), False
        yield f'{name} by name', as_named(path), False
    with open(os.path.join(BAD, 'EXPECT.tsv'), encoding='utf-8') as f:
        for line in f:
            name, words, _ = line.split('\t')
            words = words.replace('$OK', OK).replace('$BAD', BAD).replace('$TMP/out', '@')
            if '$' not in words and '\\' not in words:
                yield f'table: {name}', words.split(), False


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix='strata-bad-') as tmp:
        os.environ['XDG_STATE_HOME'] = os.path.join(tmp, 'state')
        os.environ['XDG_DATA_HOME'] = os.path.join(tmp, 'data')
        os.environ['XDG_CACHE_HOME'] = os.path.join(tmp, 'cache')
        os.makedirs(os.path.join(tmp, 'cache'))
        for name, words, may_pass in inputs(tmp):
            check(tally, name, words, tmp, may_pass)
    print(f'{tally.refused} refused, {tally.accepted} accepted as harmless; at most '
          f'{tally.seconds[0]:.2f} s of computing ({tally.seconds[1]}) and '
          f'{tally.megabytes[0]:.0f} MB ({tally.megabytes[1]})')
    few = tally.refused < LEAST
    if few:
        print(f'that are fewer than {LEAST}')
    failed = len(tally.failures) + few
    print(f'{tally.refused + tally.accepted - len(tally.failures)} passed, {failed} failed')
    return failed > 0


sys.exit(main())
