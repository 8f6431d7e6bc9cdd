"""Writes MATLAB 5 and 4 files of events with SciPy into a folder, and prints as JSON what
each holds: the events as [t in µs, x, y, p], and the options that it is read with."""
import json
import sys

try:
    import numpy as np
    import scipy.io
except ImportError:
    print("no scipy")
    sys.exit(0)

folder = sys.argv[1]
rng = np.random.default_rng(5)
n = 5000
t = np.sort(rng.integers(0, 900_000, n)).astype(np.int64)
x = rng.integers(0, 240, n)
y = rng.integers(0, 180, n)
x[:2], y[:2] = (0, 239), (0, 179)
p = rng.integers(0, 2, n)
plain = np.stack([t, x, y, p], 1).tolist()
index = {}


def save(name, variables, events, **options):
    scipy.io.savemat(f"{folder}/{name}", variables, **options)
    index[name] = events


row = lambda v: np.asarray(v)[None, :]
col = lambda v: np.asarray(v)[:, None]
td = {"x": row(x + 1.0), "y": row(y + 1.0), "p": row(2.0 * p - 1), "ts": row(t.astype(float))}
save("td.mat", {"TD": td}, plain)
save("td_packed.mat", {"TD": td}, plain, do_compression=True)
save("td_ints.mat", {"TD": {"x": row((x + 1).astype(np.uint16)), "y": row((y + 1).astype(np.uint16)),
                            "p": row((2 * p - 1).astype(np.int8)), "ts": row(t.astype(np.int32))}}, plain, do_compression=True)
save("asl.mat", {"ts": col(t.astype(np.int32)), "x": col(x.astype(np.uint8)), "y": col(y.astype(np.uint8)),
                 "pol": col(p.astype(np.uint8))}, plain, do_compression=True)
save("one_based.mat", {"ts": row(t), "x": row(x + 1), "y": row(y + 1), "pol": row(p.astype(bool)), "note": "a text"}, plain)
save("two.mat", {"TD": td, "EM": {"x": row(x[:9] + 1.0), "y": row(y[:9] + 1.0), "p": row(1.0 * p[:9]), "ts": row(1.0 * t[:9])}}, plain)
save("level4.mat", {"note": "a text", "x": row(x), "y": row(y), "pol": row(p), "ts": row(t)}, plain, format="4")
save("level4_matrix.mat", {"events": np.stack([t, x, y, p], 1).astype(float)}, plain, format="4")
save("zero_based_td.mat", {"TD": {"x": row(x), "y": row(y), "p": row(p), "ts": row(t)}}, plain)

train = np.zeros((101, 300))
stamps = np.sort(rng.integers(0, 2_000_000, 300))
train[100] = stamps / 1e6
spikes = []
for k in range(300):
    for a in sorted(rng.choice(100, rng.integers(1, 5), replace=False)):
        train[a, k] = rng.choice([-1, 1])
        spikes.append([int(stamps[k]), int(a % 10), int(a // 10), int(train[a, k] > 0)])
save("st_mnist.mat", {"spiketrain": train}, spikes, do_compression=True)
print(json.dumps(index))
