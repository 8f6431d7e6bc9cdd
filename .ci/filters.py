"""Event filters once more, in plain Python from their description in
docs/denoising.md: slow, and nothing in common with the Go code.

Reads {"width", "height", "events": [[t, x, y, p], ...]} and prints what each
filter keeps, by name."""
import json
import math
import sys

data = json.load(sys.stdin)
W, H, EVENTS = data["width"], data["height"], [tuple(e) for e in data["events"]]


def around(x, y, self=False):
    for i in (x - 1, x, x + 1):
        for j in (y - 1, y, y + 1):
            if 0 <= i < W and 0 <= j < H and (self or (i, j) != (x, y)):
                yield i, j


def stcf(dt, k, match=False, count_self=False):
    newest, kept = {}, []
    for t, x, y, p in EVENTS:
        support = 0
        for pixel in around(x, y, count_self):
            if pixel in newest:
                then, polarity = newest[pixel]
                support += t - then <= dt and (not match or polarity == p)
        if support >= k:
            kept.append((t, x, y, p))
        newest[x, y] = t, p
    return kept


def neighbor_lif(tau, threshold, match=False):
    seen, kept = {}, []
    for t, x, y, p in EVENTS:
        v = 0.0
        for pixel in around(x, y):
            for then, polarity in seen.get(pixel, ()):
                if not match or polarity == p:
                    v += math.exp((then - t) / tau)
        if v >= threshold:
            kept.append((t, x, y, p))
        # What is 40 tau old adds less than 1e-17.
        seen[x, y] = [(s, q) for s, q in seen.get((x, y), []) if t - s < 40 * tau] + [(t, p)]
    return kept


def refractory(dt):
    last, kept = {}, []
    for t, x, y, p in EVENTS:
        if (x, y) not in last or t - last[x, y] >= dt:
            kept.append((t, x, y, p))
            last[x, y] = t
    return kept


def moved(to):
    return [(t, *to(x, y), p) for t, x, y, p in EVENTS]


print(json.dumps({
    "baf": stcf(1000, 1),
    "stcf": stcf(2000, 2),
    "stcf_polarity": stcf(3000, 2, match=True),
    "stcf_self": stcf(2000, 3, count_self=True),
    "neighbor_lif": neighbor_lif(2000, 2),
    "neighbor_lif_match": neighbor_lif(2000, 1, match=True),
    "refractory": refractory(5000),
    "downsample": moved(lambda x, y: (x // 2, y // 2)),
    "flip_x": moved(lambda x, y: (W - 1 - x, y)),
    "flip_y": moved(lambda x, y: (x, H - 1 - y)),
    "transpose": moved(lambda x, y: (y, x)),
    "rotate_90": moved(lambda x, y: (H - 1 - y, x)),
    "rotate_180": moved(lambda x, y: (W - 1 - x, H - 1 - y)),
    "rotate_270": moved(lambda x, y: (y, W - 1 - x)),
    "crop": [(t, x - 1, y - 2, p) for t, x, y, p in EVENTS if 1 <= x < 4 and 2 <= y < 4],
    "on": [e for e in EVENTS if e[3] == 1],
    "invert": [(t, x, y, 1 - p) for t, x, y, p in EVENTS],
}))
