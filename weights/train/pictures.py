#!/usr/bin/python3
"""Pictures to train on, every one drawn here from a seed: textures, and scenes made of textures.

pictures.py SHEET.png [COUNT [SEED]]    a contact sheet of the first COUNT pictures
A field is [SIDE, SIDE] with mean 0 and variance 1; a picture is [SIDE, SIDE, 3], 0 to 1.
"""
import colorsys
import multiprocessing
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 224
Y, X = np.mgrid[:SIDE, :SIDE].astype(np.float32)
FY, FX = np.meshgrid(np.fft.fftfreq(SIDE), np.fft.rfftfreq(SIDE), indexing='ij')


# Fields and colours

def filtered(rng, gain):
    gain[0, 0] = 0
    f = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((SIDE, SIDE))) * gain, (SIDE, SIDE))
    return (f / (f.std() + 1e-9)).astype(np.float32)


def turned(angle):
    return FX * np.cos(angle) + FY * np.sin(angle), FY * np.cos(angle) - FX * np.sin(angle)


def fractal(rng, slope, stretch=1.0, angle=0.0):
    """1/f^slope noise, drawn out `stretch` times along `angle`."""
    u, v = turned(angle)
    return filtered(rng, (np.hypot(u * stretch, v / stretch) + 1 / SIDE) ** -slope)


def band(rng, frequency, width, angle, focus):
    """Noise of one spatial frequency, the more aligned across `angle` the larger `focus`."""
    u, v = turned(angle)
    r = np.hypot(u, v) + 1e-9
    ring = np.exp(-.5 * (np.log(r / frequency) / width) ** 2)
    return filtered(rng, ring * np.exp(focus * ((u / r) ** 2 - 1)))


def smooth(rng, slope=2.5):
    return fractal(rng, slope)


def spread(f):
    """A field as even values in 0..1."""
    return 1 / (1 + np.exp(-1.7 * f))


def palette(rng):
    n = rng.integers(3, 7)
    reach = rng.choice((.04, .12, .5, 1.0))
    hue = rng.choice((rng.random(), .08, .6)) + .05 * rng.standard_normal()
    hues = hue + reach * (rng.random(n) - .5) + .5 * (rng.random(n) < .25)
    sats = np.clip(rng.beta(2, 2) + .25 * rng.standard_normal(n), 0, 1) * (rng.random() > .06)
    low, high = np.sort(rng.random(2)) * (.45, .5) + (0, .5)
    values = np.clip(np.linspace(low, high, n) + .08 * rng.standard_normal(n), 0, 1)
    if rng.random() < .35:
        rng.shuffle(values)
    return np.array([colorsys.hsv_to_rgb(h % 1, s, v) for h, s, v in zip(hues, sats, values)],
                    np.float32)


def ramp(rng, t, colours):
    at = np.linspace(0, 1, len(colours))
    if rng.random() < .2:
        t = np.round(t * (len(colours) - 1)) / (len(colours) - 1)
    return np.stack([np.interp(t, at, colours[:, k]) for k in range(3)], -1).astype(np.float32)


def pick(rng, colours, jitter=.06):
    return np.clip(colours[rng.integers(len(colours))] + jitter * rng.standard_normal(3), 0, 1)


def ink(colour):
    return tuple(int(v) for v in np.asarray(colour) * 255)


def canvas(colour, mode='RGB'):
    """Twice the size, so that reduce(2) smooths the edges."""
    image = Image.new(mode, (2 * SIDE, 2 * SIDE), colour)
    return image, ImageDraw.Draw(image)


def finish(image):
    return np.asarray(image.reduce(2), np.float32) / 255


def warped(rng, p, reach):
    """`p` seen through a smooth displacement of about `reach` pixels."""
    slope = rng.uniform(1.8, 2.6)
    y = np.clip(Y + reach * smooth(rng, slope), 0, SIDE - 1)
    x = np.clip(X + reach * smooth(rng, slope), 0, SIDE - 1)
    return p[np.rint(y).astype(int), np.rint(x).astype(int)]


# Textures: f(rng, colours) -> picture

def clouds(rng, colours):
    f = fractal(rng, rng.uniform(.7, 2.2))
    if rng.random() < .3:
        f = 2.2 * np.abs(f) - 1.7
    return ramp(rng, spread(f), colours)


def streaks(rng, colours):
    return ramp(rng, spread(fractal(rng, rng.uniform(.7, 1.8), rng.uniform(1.6, 4),
                                    rng.uniform(0, np.pi))), colours)


def ripples(rng, colours):
    f = band(rng, np.exp(rng.uniform(np.log(.02), np.log(.25))), rng.uniform(.1, .4),
             rng.uniform(0, np.pi), rng.choice((0, 4, 20)))
    return ramp(rng, spread(rng.uniform(.8, 4) * f), colours)


def curls(rng, colours):
    f = rng.uniform(1.5, 6) * smooth(rng, rng.uniform(1.8, 2.8)) + .1 * fractal(rng, 1)
    t = .5 + .5 * np.sin(2 * np.pi * f) if rng.random() < .6 else f % 1
    return ramp(rng, t, colours)


def leaf(rng, kind, x, y, r):
    turn = rng.uniform(0, 2 * np.pi)
    if kind == 'disc':
        a, n, flat = 1, 20, 1
    elif kind == 'ellipse':
        a, n, flat = 1, 20, rng.uniform(.25, .7)
    elif kind == 'rectangle':
        a, n, flat = 1, 4, rng.uniform(.2, 1)
    else:
        n = rng.integers(3, 8)
        a, flat = rng.uniform(.4, 1.2, n), 1
    t = (np.arange(n) + .5) * 2 * np.pi / n
    u, v = r * a * np.cos(t), r * a * np.sin(t) * flat
    return list(zip(x + u * np.cos(turn) - v * np.sin(turn), y + u * np.sin(turn) + v * np.cos(turn)))


def leaves(rng, colours):
    image, draw = canvas(ink(pick(rng, colours)))
    kinds = rng.choice(('disc', 'ellipse', 'rectangle', 'polygon'), rng.integers(1, 3))
    line = ink(pick(rng, colours) * rng.choice((.15, 1))) if rng.random() < .35 else None
    small, power = rng.uniform(3, 10), rng.uniform(1, 2.5)
    for _ in range(rng.integers(150, 700)):
        x, y = rng.uniform(-20, 2 * SIDE + 20, 2)
        r = min(small * rng.random() ** (-1 / power), SIDE * .6)
        corners = leaf(rng, rng.choice(kinds), x, y, r)
        draw.polygon(corners, ink(pick(rng, colours)))
        if line:
            draw.line(corners + corners[:1], line, int(1 + small / 5))
    return finish(image)


def cells(rng, colours):
    n = int(np.exp(rng.uniform(np.log(12), np.log(220))))
    sy, sx = rng.uniform(-8, SIDE + 8, (2, n, 1, 1)).astype(np.float32)
    stretch = rng.choice((1, 1, 2.5))
    d = np.hypot(Y - sy, (X - sx) / stretch)
    two = np.partition(d, 1, axis=0)[:2]
    p = np.stack([pick(rng, colours) for _ in range(n)])[d.argmin(0)].astype(np.float32)
    if rng.random() < .4:
        p *= np.clip(1.3 - two[0] / two[0].max() * rng.uniform(.5, 1.3), 0, 1)[..., None]
    if rng.random() < .5:
        lead = np.clip((two[1] - two[0]) / rng.uniform(1, 4), 0, 1)[..., None]
        p = p * lead + (1 - lead) * pick(rng, colours) * rng.choice((.1, 1))
    return p


def brushed(rng, p, count=None, width=None):
    """The picture `p` painted again in strokes that follow a smooth flow, some with the marks of bristles."""
    flow = rng.uniform(.3, 2.2) * smooth(rng, rng.uniform(1.8, 3)) + rng.uniform(0, 2 * np.pi)
    width = width or np.exp(rng.uniform(np.log(3), np.log(18)))
    length, bend = np.exp(rng.uniform(np.log(2), np.log(20))) * width, rng.uniform(0, .12)
    count = count or int(min(1800, 2.4 * (2 * SIDE) ** 2 / (width * length)))
    image = Image.fromarray((p * 255).astype(np.uint8)).resize((2 * SIDE, 2 * SIDE))
    draw = ImageDraw.Draw(image)
    path, parts = [rng.uniform(-.1, 1.1, (count, 2)) * 2 * SIDE], 8
    for _ in range(parts):
        i = np.clip(path[-1] / 2, 0, SIDE - 1).astype(int)
        a = flow[i[:, 1], i[:, 0]] + bend * rng.standard_normal(count)
        path.append(path[-1] + length / parts * np.stack([np.cos(a), np.sin(a)], -1))
    middle = np.clip(path[parts // 2] / 2, 0, SIDE - 1).astype(int)
    colour = p[middle[:, 1], middle[:, 0]]
    colour = colour + rng.uniform(.02, .14) * rng.standard_normal((count, 1)) \
        + rng.uniform(0, .06) * rng.standard_normal((count, 3))
    path = np.stack(path, 1)
    across = np.stack([-np.sin(a), np.cos(a)], -1)[:, None]
    thick = width * rng.uniform(.6, 1.3, count)
    hairs = rng.integers(3, 6) if width > 6 and rng.random() < .5 else 1
    rough = rng.uniform(.04, .2) if hairs > 1 else 0
    for k in range(hairs):
        beside = (k - (hairs - 1) / 2) * (thick / hairs)[:, None, None] * across
        points = (path + beside).reshape(count, -1)
        tint = (np.clip(colour + rough * rng.standard_normal((count, 1)), 0, 1) * 255).astype(int)
        path_of = zip(points.tolist(), tint.tolist(), np.maximum(1, thick / hairs + .5).astype(int).tolist())
        for line, c, w in path_of:
            draw.line(line, tuple(c), w)
    return finish(image)


def strokes(rng, colours):
    return brushed(rng, ramp(rng, spread(fractal(rng, rng.uniform(1, 2))), colours))


def grating(rng, colours):
    a, period = rng.uniform(0, np.pi), np.exp(rng.uniform(np.log(4), np.log(40)))
    t = (X * np.cos(a) + Y * np.sin(a)) / period + rng.choice((0, .05, .2)) * smooth(rng, 2) \
        + rng.choice((0, .4)) * smooth(rng)
    if rng.random() < .3:
        t = t + np.sin(2 * np.pi * (Y * np.cos(a) - X * np.sin(a)) / period) * .25
    wave = rng.integers(3)
    t = t % 1 if wave == 0 else .5 + .5 * np.sin(2 * np.pi * t)
    return ramp(rng, (t > .5) * 1.0 if wave == 2 else t, colours)


def bricks(rng, colours):
    image, draw = canvas(ink(pick(rng, colours) * rng.choice((.3, 1))))
    h, ratio = rng.uniform(10, 56), rng.uniform(.7, 2.6)
    w, gap, wobble = h * ratio, rng.uniform(.04, .2) * h, rng.choice((0, .04, .1)) * h
    shift, jitter = rng.choice((0, .5, .33)), rng.uniform(0, .12)
    for row in range(-1, int(2 * SIDE / h) + 1):
        for column in range(-2, int(2 * SIDE / w) + 2):
            x, y = (column + shift * (row % 3)) * w, row * h
            corners = np.array([(x, y), (x + w - gap, y), (x + w - gap, y + h - gap), (x, y + h - gap)])
            corners += wobble * rng.standard_normal((4, 2))
            draw.polygon([tuple(c) for c in corners], ink(pick(rng, colours, jitter)))
    p = finish(image)
    return warped(rng, p, rng.uniform(1, 5)) if rng.random() < .3 else p


def dots(rng, colours):
    image, draw = canvas(ink(pick(rng, colours)))
    step, jitter, size = rng.uniform(8, 44), rng.choice((0, .1, .4)), rng.uniform(.15, .6)
    ring = rng.random() < .25
    for row in range(-1, int(2 * SIDE / step) + 2):
        for column in range(-1, int(2 * SIDE / step) + 2):
            x, y = np.array((column + .5 * (row % 2), row)) * step + jitter * step * rng.standard_normal(2)
            r = step * size * rng.uniform(.7, 1.2)
            colour = ink(pick(rng, colours))
            draw.ellipse((x - r, y - r, x + r, y + r), None if ring else colour, colour,
                         int(1 + r / 3) if ring else 1)
    return finish(image)


def hatching(rng, colours):
    tone, a = spread(smooth(rng, 2)), rng.uniform(0, np.pi)
    t, period = np.ones_like(X), rng.uniform(4, 10)
    for k in range(rng.integers(1, 4)):
        b = a + k * rng.uniform(.6, 1.6)
        wave = np.sin(2 * np.pi * (X * np.cos(b) + Y * np.sin(b)) / period + .8 * fractal(rng, 1.5))
        t = np.minimum(t, np.clip((wave - 2.4 * tone + .8 + .5 * k) * 2, 0, 1))
    return ramp(rng, t, colours)


def scribbles(rng, colours):
    image, draw = canvas(ink(pick(rng, colours)))
    width = rng.integers(2, 9)
    for _ in range(rng.integers(8, 60)):
        n = 60
        a = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.uniform(.05, .5) * rng.standard_normal(n)
                                                  + rng.uniform(-.25, .25))
        path = rng.uniform(0, 2 * SIDE, 2) + 8 * np.cumsum(np.stack([np.cos(a), np.sin(a)], -1), 0)
        draw.line(path.ravel().tolist(), ink(pick(rng, colours)), int(width), joint='curve')
    return finish(image)


TEXTURES = (clouds, streaks, ripples, curls, leaves, leaves, cells, strokes, strokes, grating, bricks,
            dots, hatching, scribbles)


def texture(rng, depth=1):
    colours = palette(rng)
    p = TEXTURES[rng.integers(len(TEXTURES))](rng, colours)
    if rng.random() < .12:
        p = warped(rng, p, rng.uniform(2, 12))
    if depth and rng.random() < .25:
        edge = rng.uniform(1, 12)
        m = np.clip(.5 + edge * (fractal(rng, rng.uniform(1.2, 2.4)) + rng.uniform(-.6, .6)), 0, 1)
        p = p + m[..., None] * (texture(rng, 0) - p)
    return p


# Shapes: f(rng, draw, x, y, r) fills a mask

def blob(rng, draw, x, y, r):
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    k = np.arange(1, 6)[:, None]
    e = (rng.standard_normal((5, 1)) * np.cos(k * t + rng.uniform(0, 7, (5, 1))) / (k + 1)).sum(0)
    e = r * np.exp(rng.uniform(.1, .7) * e)
    draw.polygon(list(zip(x + e * np.cos(t), y + e * np.sin(t))), 255)


def star(rng, draw, x, y, r):
    n = rng.integers(4, 13)
    t = np.arange(2 * n) * np.pi / n + rng.uniform(0, 2)
    e = r * np.where(np.arange(2 * n) % 2, rng.uniform(.25, .7), 1)
    draw.polygon(list(zip(x + e * np.cos(t), y + e * np.sin(t))), 255)


def tree(rng, draw, x, y, r):
    fork, crown = rng.uniform(.25, .7), rng.random() < .5

    def grow(x, y, a, length, depth):
        u, v = x + length * np.cos(a), y + length * np.sin(a)
        draw.line((x, y, u, v), 255, max(1, int(length / 5)))
        if depth:
            for side in (-1, 1) if rng.random() < .8 else (-1, .1, 1):
                grow(u, v, a + side * fork + .15 * rng.standard_normal(), length * rng.uniform(.6, .85),
                     depth - 1)
        elif crown:
            draw.ellipse((u - length, v - length, u + length, v + length), 255)
    grow(x, y + r, -np.pi / 2 + .1 * rng.standard_normal(), .6 * r, rng.integers(4, 7))


def sweep(rng, draw, x, y, r):
    a, b, c = rng.uniform(-1.3, 1.3, (3, 2)) * r + (x, y)
    t = np.linspace(0, 1, 20)[:, None]
    path = (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t ** 2 * c
    draw.line(path.ravel().tolist(), 255, max(2, int(r * rng.uniform(.08, .5))), joint='curve')


def box(rng, draw, x, y, r):
    draw.polygon(leaf(rng, 'rectangle', x, y, r), 255)


def house(rng, draw, x, y, r):
    w, h, roof = r * rng.uniform(.4, .9), r * rng.uniform(.5, 1.1), r * rng.uniform(0, .8)
    draw.polygon([(x - w, y + h), (x - w, y - h), (x, y - h - roof), (x + w, y - h), (x + w, y + h)], 255)
    n, m, pane = rng.integers(1, 5), rng.integers(1, 6), rng.uniform(.2, .36)
    for i in range(n):
        for j in range(m):
            u, v = x - w + (i + .5) * 2 * w / n, y - h + (j + .5) * 2 * h / m
            draw.rectangle((u - pane * 2 * w / n, v - pane * 2 * h / m,
                            u + pane * 2 * w / n, v + pane * 2 * h / m), 0)


def mark(rng, draw, x, y, r):
    """Like a letter: some strokes and bows between the points of a grid."""
    width = max(2, int(r * rng.uniform(.1, .3)))
    grid = [(x + u * r * .6, y + v * r) for u in (-1, 0, 1) for v in (-1, 0, 1)]
    for _ in range(rng.integers(2, 5)):
        (a, b), (c, d) = (grid[k] for k in rng.choice(9, 2, replace=False))
        if rng.random() < .3:
            draw.arc((min(a, c) - 2, min(b, d) - 2, max(a, c) + 2, max(b, d) + 2),
                     *np.sort(rng.uniform(0, 360, 2)) + (-40, 40), 255, width)
        else:
            draw.line((a, b, c, d), 255, width)


def figure(rng, draw, x, y, r):
    """A body, a head and limbs of ellipses."""
    lean = rng.uniform(-.3, .3)
    for _ in range(rng.integers(3, 8)):
        u, v = rng.uniform(-.6, .6, 2) * r
        a, b = rng.uniform(.12, .5, 2) * r
        draw.ellipse((x + u + lean * v - a, y + v - b, x + u + lean * v + a, y + v + b), 255)


def coil(rng, draw, x, y, r):
    t = np.linspace(.1, 1, 90)
    a = 2 * np.pi * rng.uniform(1.5, 4) * t * rng.choice((-1, 1)) + rng.uniform(0, 7)
    path = np.stack([x + r * t * np.cos(a), y + r * t * np.sin(a)], -1)
    draw.line(path.ravel().tolist(), 255, max(2, int(r * rng.uniform(.05, .18))), joint='curve')


SHAPES = (blob, blob, star, tree, tree, sweep, box, house, mark, figure, coil)


# Scenes

def fill(rng, colours):
    if rng.random() < .4:
        return np.broadcast_to(pick(rng, colours).astype(np.float32), (SIDE, SIDE, 3))
    return TEXTURES[rng.integers(len(TEXTURES))](rng, palette(rng))


def rounded(mask, depth, light):
    """Light from one side on a shape that bulges: the slope of its blurred mask."""
    soft = np.asarray(Image.fromarray((mask * 255).astype(np.uint8))
                      .filter(ImageFilter.GaussianBlur(depth)), np.float32) / 255
    dy, dx = np.gradient(soft)
    return 1 + depth * (dx * np.cos(light) + dy * np.sin(light))


def scene(rng):
    colours, light = palette(rng), rng.uniform(0, 2 * np.pi)
    p = fill(rng, colours) if rng.random() < .5 else ramp(rng, spread(Y / 40 - 2 + .3 * smooth(rng)), colours)
    if rng.random() < .75:
        edge = SIDE * rng.uniform(.25, .8) + rng.choice((0, 3, 15)) * fractal(rng, rng.uniform(1.5, 2.5))[0]
        below = np.clip(Y - edge + .5, 0, 1)[..., None]
        p = p + below * (fill(rng, colours) - p)
    many = rng.random() < .2
    kinds = rng.choice(len(SHAPES), rng.integers(1, 4))
    for _ in range(rng.integers(6, 14) if many else rng.integers(1, 5)):
        image, draw = canvas(0, 'L')
        r = SIDE * np.exp(rng.uniform(np.log(.12), np.log(.35 if many else .8)))
        shape = SHAPES[rng.choice(kinds)]
        for _ in range(rng.choice((1, 1, 1, 3, 8)) if r < .4 * SIDE else 1):
            shape(rng, draw, *rng.uniform(0, 2 * SIDE, 2), r)
        mask = finish(image)
        body = fill(rng, colours)
        if rng.random() < .7:
            body = body * rounded(mask, rng.uniform(2, 12), light)[..., None]
        if rng.random() < .25:
            rim = np.asarray(image.filter(ImageFilter.MaxFilter(5)).reduce(2), np.float32) / 255
            p = p * (1 - (rim * rng.uniform(.5, 1)))[..., None]
        p = p + mask[..., None] * (body - p)
    p = np.clip(p, 0, 1)
    style = rng.random()
    if style < .3:
        p = brushed(rng, p, width=rng.uniform(2, 9))
    elif style < .4:
        p = warped(rng, p, rng.uniform(2, 8))
    return p


def picture(seed, index):
    """The picture of that number, [SIDE, SIDE, 3] bytes: textures even, scenes odd."""
    rng = np.random.default_rng((seed, index))
    p = scene(rng) if index % 2 else texture(rng)
    p = p * (1 + rng.uniform(0, .25) * smooth(rng, 3))[..., None]
    p = p + rng.uniform(0, .03) * rng.standard_normal((SIDE, SIDE, 1))
    return (np.clip(p, 0, 1) * 255 + .5).astype(np.uint8)


def draw_all(seed, count):
    with multiprocessing.Pool() as pool:
        return np.stack(pool.starmap(picture, ((seed, i) for i in range(count)), 16))


if __name__ == '__main__':
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    drawn = draw_all(int(sys.argv[3]) if len(sys.argv) > 3 else 1, count)
    rows = [np.concatenate(drawn[i:i + 10], 1) for i in range(0, count // 10 * 10, 10)]
    Image.fromarray(np.concatenate(rows)).save(sys.argv[1])
