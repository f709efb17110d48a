#!/usr/bin/python3
"""Writes the pictures that test_image reads, and what Pillow (Debian's python3-pil) makes of them.

make_image_reference.py FOLDER      writes FOLDER/*

NAME.png, NAME.jpg, NAME.webp: small pictures of every kind, those that Pillow cannot write put together here.
NAME.rgba, NAME.rgb: the pixels to expect, 8 bits a channel, straight alpha, no header.
resize-*.f32, resize-*.u8: one plane, its size in the name, as Pillow's BICUBIC resizes it in mode F
(float32, little endian) and mode L (bytes).
"""
import ctypes
import io
import os
import struct
import sys
import zlib

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin

W, H = 9, 7                     # the least at which all seven passes of Adam7 have pixels
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
PASSES = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
          (0, 1, 1, 2)]
rng = np.random.RandomState(1)


def put(name, data):
    with open(os.path.join(FOLDER, name), 'wb') as f:
        f.write(data)


# PNG

def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def rows(samples, depth):
    """samples [h][w][channels] -> PNG rows, each with filter 0 before it."""
    out = b''
    for row in samples.reshape(len(samples), -1):
        bits = ''.join(format(int(v), f'0{depth}b') for v in row)
        bits += '0' * (-len(bits) % 8)
        out += b'\0' + int(bits, 2).to_bytes(len(bits) // 8, 'big')
    return out


def png(samples, depth, kind, interlaced=False, chunks=b''):
    h, w = samples.shape[:2]
    passes = PASSES if interlaced else [(0, 0, 1, 1)]
    parts = [samples[y::dy, x::dx] for x, y, dx, dy in passes]
    data = b''.join(rows(p, depth) for p in parts if p.size)
    head = struct.pack('>IIBBBBB', w, h, depth, kind, 0, 0, interlaced)
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + chunks + \
        chunk(b'IDAT', zlib.compress(data, 9)) + chunk(b'IEND', b'')


def expected(data, samples, depth, kind):
    """Pixels as RGBA bytes: Pillow's, or for 16 bits, which it cuts off, samples / 257."""
    if depth < 16:
        return Image.open(io.BytesIO(data)).convert('RGBA').tobytes()
    v = np.rint(samples / 257).astype(np.uint8)
    colour = v[..., :3] if kind in (RGB, RGBA) else v[..., :1].repeat(3, 2)
    alpha = v[..., -1:] if kind in (RGBA, GREY_ALPHA) else np.full_like(v[..., :1], 255)
    return np.concatenate([colour, alpha], 2).tobytes()


def write_pngs():
    names = {GREY: 'grey', RGB: 'rgb', PALETTE: 'palette', GREY_ALPHA: 'greyalpha', RGBA: 'rgba'}
    kinds = [(GREY, d) for d in (1, 2, 4, 8, 16)] + [(PALETTE, d) for d in (1, 2, 4, 8)] + \
        [(k, d) for k in (RGB, GREY_ALPHA, RGBA) for d in (8, 16)]
    for kind, depth in kinds:
        name = f'{names[kind]}{depth}'
        samples = rng.randint(0, 1 << depth, (H, W, CHANNELS[kind]))
        plte = chunk(b'PLTE', rng.bytes(3 << depth)) if kind == PALETTE else b''
        for interlaced in (False, True):
            data = png(samples, depth, kind, interlaced, plte)
            put(name + ('-adam7.png' if interlaced else '.png'), data)
        put(name + '.rgba', expected(data, samples, depth, kind))

    colours = rng.randint(0, 256, (H, W, 3))
    gamma = chunk(b'gAMA', struct.pack('>I', 45455))
    for name, chunks in (('gamma8', gamma), ('srgb8', chunk(b'sRGB', b'\0') + gamma)):
        data = png(colours, 8, RGB, chunks=chunks)
        put(name + '.png', data)
        put(name + '.rgba', expected(data, colours, 8, RGB))
    deep = rng.randint(0, 65536, (H, W, 3))
    put('gamma16.png', png(deep, 16, RGB, chunks=gamma))
    put('gamma16.rgba', expected(b'', deep, 16, RGB))

    few = rng.randint(0, 4, (H, W, 1))
    for name, samples, depth, kind, chunks in (
            ('rgb8-trns', few.repeat(3, 2) * 80, 8, RGB, chunk(b'tRNS', b'\0\x50' * 3)),
            ('palette2-trns', few, 2, PALETTE,
             chunk(b'PLTE', rng.bytes(12)) + chunk(b'tRNS', b'\0\x50\xff'))):
        data = png(samples, depth, kind, chunks=chunks)
        put(name + '.png', data)
        put(name + '.rgba', expected(data, samples, depth, kind))

    # Pillow compares the scaled grey with the tRNS chunk's unscaled one and finds nothing clear.
    put('grey2-trns.png', png(few, 2, GREY, chunks=chunk(b'tRNS', b'\0\2')))
    clear = np.where(few == 2, 0, 255)
    pixels = np.concatenate([few.repeat(3, 2) * 85, clear], 2)
    put('grey2-trns.rgba', pixels.astype(np.uint8).tobytes())

    opaque = np.concatenate([colours, np.full((H, W, 1), 255)], 2)
    put('opaque.png', png(opaque, 8, RGBA))
    put('opaque.rgba', opaque.astype(np.uint8).tobytes())

    text = PngImagePlugin.PngInfo()
    text.add_text('Comment', 'before')
    text.add_itxt('strata-job-not', 'no')
    text.add_itxt('strata-job', '[job]\ncontent = \u00e4.jpg\n')
    Image.fromarray(colours.astype(np.uint8)).save(os.path.join(FOLDER, 'job.png'), pnginfo=text)


# JPEG

def scene(w, h):
    """Smooth, with another colour in every corner."""
    y, x = np.mgrid[0:h, 0:w].astype(float)
    x, y = x / (w - 1), y / (h - 1)
    return np.stack([255 * x, 255 * y, 255 * (1 - x) * (1 - y)], 2).round().astype(np.uint8)


def jpeg(image, **options):
    f = io.BytesIO()
    image.save(f, 'JPEG', quality=90, **options)
    return f.getvalue()


def put_jpeg(name, data):
    put(name + '.jpg', data)
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    put(name + '.rgb', image.convert('RGB').tobytes())


def ycck(cmyk):
    """Pillow writes no YCCK; TurboJPEG makes nothing else of CMYK."""
    tj = ctypes.CDLL('libturbojpeg.so.0')
    tj.tjInitCompress.restype = ctypes.c_void_p
    out, size = ctypes.c_void_p(), ctypes.c_ulong()
    h, w = cmyk.shape[:2]
    assert tj.tjCompress2(ctypes.c_void_p(tj.tjInitCompress()), cmyk.tobytes(), w, 0, h, 11,
                          ctypes.byref(out), ctypes.byref(size), 2, 90, 0) == 0
    return ctypes.string_at(out, size.value)


def exif(orientation, order):
    entries = [(0x10e, 2, 4, b'abc\0'), (0x112, 3, 1, struct.pack(order + 'HH', orientation, 0))]
    ifd = struct.pack(order + 'H', len(entries))
    for tag, kind, count, value in entries:
        ifd += struct.pack(order + 'HHI', tag, kind, count) + value
    mark = b'II*\0' if order == '<' else b'MM\0*'
    return b'Exif\0\0' + mark + struct.pack(order + 'I', 8) + ifd + struct.pack(order + 'I', 0)


def odd_sampling():
    """Mid-grey; red-difference twice as fine as luma, a sampling that has no name."""
    data = jpeg(Image.new('RGB', (16, 8), (128, 128, 128)), subsampling=0)
    sof, sos = data.index(b'\xff\xc0'), data.index(b'\xff\xda')
    data = bytearray(data[:sos + 14])
    data[sof + 17] = 0x21
    # DC 0 and end of block by the standard tables: 00 1010 for luma, 00 00 for each chroma block.
    bits = '001010' + 3 * '0000' + '111111'
    return bytes(data) + int(bits, 2).to_bytes(3, 'big') + b'\xff\xd9'


def write_jpegs():
    w, h = 19, 13
    image = Image.fromarray(scene(w, h))
    put_jpeg('jpeg-grey', jpeg(image.convert('L')))
    for i, name in enumerate(('444', '422', '420')):
        put_jpeg('jpeg-' + name, jpeg(image, subsampling=i))
    put_jpeg('jpeg-progressive', jpeg(image, progressive=True))
    plain = jpeg(image, subsampling=0)
    adobe = b'\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0'   # colour transform 0: RGB
    put_jpeg('jpeg-rgb', plain[:2] + adobe + plain[4 + struct.unpack('>H', plain[4:6])[0]:])
    inks = np.concatenate([scene(w, h), scene(w, h)[::-1, :, :1] // 2], 2)
    put_jpeg('jpeg-cmyk', jpeg(Image.fromarray(inks, 'CMYK')))
    put_jpeg('jpeg-ycck', ycck(255 - inks))
    put_jpeg('jpeg-odd', odd_sampling())
    for i in range(1, 9):
        put_jpeg(f'jpeg-turn{i}', jpeg(image, subsampling=0, exif=exif(i, '<>'[i % 2])))
    put('jpeg-stray.jpg', plain[:-2] + bytes(40) + plain[-2:])


# WebP

def put_webp(name, image, **options):
    f = io.BytesIO()
    image.save(f, 'WEBP', **options)
    put(name + '.webp', f.getvalue())
    upright = ImageOps.exif_transpose(Image.open(f))
    put(name + '.rgba', upright.convert('RGBA').tobytes())


def write_webps():
    w, h = 19, 13
    image = Image.fromarray(scene(w, h))
    clear = image.copy()
    clear.putalpha(Image.fromarray(scene(w, h)[..., 0]))
    put_webp('webp-lossy', image, quality=80)
    put_webp('webp-lossless', image, lossless=True)
    put_webp('webp-alpha', clear, quality=80)
    put_webp('webp-alpha-lossless', clear, lossless=True, exact=True)
    for i in range(1, 9):
        put_webp(f'webp-turn{i}', image, lossless=True, exif=exif(i, '<>'[i % 2])[6 * (i % 3 == 0):])
    f = io.BytesIO()
    image.save(f, 'WEBP', save_all=True, append_images=[clear], duration=100)
    put('webp-animated.webp', f.getvalue())


# Arithmetic

def write_sums():
    y, x = np.mgrid[0:29, 0:37]
    wave = (128 + 60 * np.sin(x / 3.) * np.cos(y / 4.) + 50 * ((x // 9 + y // 8) % 2))
    plane = np.clip(wave, 0, 255).round().astype(np.uint8)
    put('resize-37x29.u8', plane.tobytes())
    for size in ((80, 61), (11, 9), (37, 9), (150, 7), (5, 90), (1, 1), (38, 30)):
        name = 'resize-%dx%d' % size
        put(name + '.u8', Image.fromarray(plane).resize(size, Image.BICUBIC).tobytes())
        f = Image.fromarray(plane.astype(np.float32)).resize(size, Image.BICUBIC)
        put(name + '.f32', np.asarray(f).astype('<f4').tobytes())

    painted, content = (Image.fromarray(rng.randint(0, 256, (H, W, 3)).astype(np.uint8))
                        for _ in range(2))
    luma, (_, cb, cr) = painted.convert('YCbCr').split()[0], content.convert('YCbCr').split()
    put('painted.rgb', painted.tobytes())
    put('content.rgb', content.tobytes())
    put('kept.rgb', Image.merge('YCbCr', (luma, cb, cr)).convert('RGB').tobytes())


FOLDER = sys.argv[1]
os.makedirs(FOLDER, exist_ok=True)
write_pngs()
write_jpegs()
write_webps()
write_sums()
