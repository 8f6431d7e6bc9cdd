"""Makes events and, with NumPy, the arrays that tonic and event_utils define of them,
and holds arrays that were made of the same events against these.

    tensor_check.py events FILE        writes rows of t, x, y, p as text
    tensor_check.py check FILE NAME... compares NAME.npy beside FILE with the reference
"""
import json
import os
import sys

try:
    import numpy as np
except ImportError:
    print("no numpy")
    sys.exit(0)

W, H, TAU = 24, 18, 3000.0


def events():
    rng = np.random.default_rng(7)
    t = np.sort(rng.integers(0, 100_000, 4000)) + 5_000_000
    t[-3:] = t[0] + 100_000  # so that a window of 10 ms ends with the recording
    return t, rng.integers(0, W, 4000), rng.integers(0, H, 4000), rng.integers(0, 2, 4000)


def by_time(t, window):  # tonic.slicers.SliceByTime
    n = max(int(np.floor((t[-1] - t[0] - window) / window) + 1), 1)
    starts = np.arange(n) * window + t[0]
    return list(zip(np.searchsorted(t, starts), np.searchsorted(t, starts + window)))


def by_count(t, count):  # tonic.slicers.SliceByEventCount
    count_ = min(count, len(t))
    starts = np.arange(int(np.floor((len(t) - count_) / count) + 1)) * count
    return list(zip(starts, starts + count_))


def by_bins(t, bins):  # tonic.slicers.SliceByTimeBins
    window = (t[-1] - t[0]) // bins
    starts = np.arange(bins) * window + t[0]
    return list(zip(np.searchsorted(t, starts), np.searchsorted(t, starts + window)))


def by_event_bins(t, bins):  # tonic.slicers.SliceByEventBins
    count = len(t) // bins
    starts = np.arange(bins) * count
    return list(zip(starts, starts + count))


def frames(e, slices, polarity):  # tonic.functional.to_frame
    t, x, y, p = e
    out = np.zeros((len(slices), 2 if polarity == "split" else 1, H, W), np.int16)
    for i, (a, b) in enumerate(slices):
        plane = p[a:b] if polarity == "split" else 0
        np.add.at(out, (i, plane, y[a:b], x[a:b]), 2 * p[a:b] - 1 if polarity == "signed" else 1)
    return out


def image(x, y, weights):  # event_utils.events_to_image
    out = np.zeros((H, W))
    np.add.at(out, (y, x), weights)
    return out


def voxel_event_utils(e, a, b, bins, weights):  # event_utils.events_to_voxel
    t, x, y, _ = e
    t, x, y, weights = t[a:b].astype(float), x[a:b], y[a:b], weights[a:b]
    place = (t - t[0]) / (t[-1] - t[0]) * (bins - 1)
    return np.stack([image(x, y, weights * np.maximum(0, 1 - np.abs(place - k))) for k in range(bins)])


def voxel_tonic(e, a, b, bins):  # tonic.functional.to_voxel_grid
    t, x, y, p = (c[a:b] for c in e)
    grid = np.zeros(bins * H * W)
    ts = bins * (t.astype(float) - t[0]) / (t[-1] - t[0])
    pols = np.where(p == 0, -1, p)
    tis = ts.astype(int)
    dts = ts - tis
    ok = tis < bins
    np.add.at(grid, x[ok] + y[ok] * W + tis[ok] * W * H, (pols * (1 - dts))[ok])
    ok = tis + 1 < bins
    np.add.at(grid, x[ok] + y[ok] * W + (tis[ok] + 1) * W * H, (pols * dts)[ok])
    return grid.reshape(bins, H, W)


def surfaces(e, window, tau, planes):  # tonic.functional.to_timesurface
    t, x, y, p = e
    memory = np.full((planes, H, W), -np.inf)
    out = []
    for i, (a, b) in enumerate(by_time(t, window)):
        for k in range(a, b):
            memory[p[k] if planes == 2 else 0, y[k], x[k]] = t[k]
        out.append(np.exp(-((i + 1) * window + t[0] - memory) / tau))
    return np.array(out)


def reference(name, e):
    t, x, y, p = e
    n, sign = len(t), 2.0 * p - 1
    if name == "frames-window":
        return frames(e, by_time(t, 10_000), "split")
    if name == "frames-count":
        return frames(e, by_count(t, 500), "split")
    if name == "frames-count-rest":
        return frames(e, by_count(t, 900), "merge")
    if name == "frames-short":
        return frames(e, by_count(t, 5000), "signed")
    if name == "frames-bins":
        return frames(e, by_bins(t, 7), "split")
    if name == "frames-event-bins":
        return frames(e, by_event_bins(t, 7), "signed")
    if name == "voxel":
        return voxel_event_utils(e, 0, n, 5, sign)[None]
    if name == "voxel-split":  # events_to_neg_pos_voxel
        return np.stack([voxel_event_utils(e, 0, n, 6, 1.0 - p), voxel_event_utils(e, 0, n, 6, 1.0 * p)])[None]
    if name == "voxel-window":  # voxel_grids_fixed_t_torch
        out = []
        for start in np.arange(t[0], t[-1] - 10_000, 10_000):
            a, b = np.searchsorted(t, start), np.searchsorted(t, start + 10_000)
            out.append(voxel_event_utils(e, a, b, 5, sign))
        return np.stack(out)
    if name == "voxel-count":  # voxel_grids_fixed_n_torch
        return np.stack([voxel_event_utils(e, i, i + 500, 5, sign) for i in range(0, n - 500, 500)])
    if name == "voxel-tonic":
        return voxel_tonic(e, 0, n, 10)[None]
    if name == "voxel-tonic-window":
        return np.stack([voxel_tonic(e, a, b, 4) for a, b in by_time(t, 10_000)])
    if name == "voxel-by-count":  # events_to_voxel without interpolation
        each = n // 6
        return np.stack([image(x[k * each:(k + 1) * each], y[k * each:(k + 1) * each], sign[k * each:(k + 1) * each]) for k in range(6)])[None]
    if name == "surface":
        return surfaces(e, 10_000, TAU, 2)
    if name == "surface-merge":
        return surfaces(e, 9_000, TAU, 1)
    raise KeyError(name)


if sys.argv[1] == "events":
    np.savetxt(sys.argv[2], np.stack(events(), 1), fmt="%d", delimiter=",", header="t,x,y,p", comments="")
else:
    folder = os.path.dirname(sys.argv[2])
    result = {}
    for name in sys.argv[3:]:
        want, got = reference(name, events()), np.load(os.path.join(folder, name + ".npy"))
        exact = want.dtype.kind == "i"
        kind = got.dtype == (np.int16 if exact else np.float32)
        if want.shape != got.shape or not kind:
            result[name] = f"{got.dtype} {got.shape}, want {want.dtype} {want.shape}"
        else:
            result[name] = float(np.max(np.abs(want.astype(float) - got.astype(float))))
    print(json.dumps(result))
