"""Speed of reading HDF5, beside h5py in turns on the same files.

    ganglion convert RECORDING events.h5 --to hdf5-prophesee
    ganglion convert RECORDING ecf.h5 --to hdf5-ecf
    go test -c -o h5.test ./sources/format/h5
    /usr/bin/python3 .ci/hdf5_speed.py $PWD/events.h5 $PWD/ecf.h5 $PWD/h5.test

Needs Debian's python3-h5py and python3-hdf5plugin. Prints million events per
second of processor time, the best of the rounds on each side: h5py reads the
columns into arrays, the test binary makes events of them.
"""

import os
import re
import subprocess
import sys
import tempfile
import time

import h5py
import hdf5plugin
import numpy as np

CHUNK = 32768
ROUNDS = int(os.environ.get("ROUNDS", "5"))
LAYOUTS = {
    "DSEC, Blosc with Zstandard": ("u4", dict(chunks=(CHUNK,), **hdf5plugin.Blosc(cname="zstd"))),
    "DSEC, Blosc with LZ4": ("u4", dict(chunks=(CHUNK,), **hdf5plugin.Blosc(cname="lz4"))),
    "DSEC, shuffled and deflated, times of 64 bits": ("i8", dict(chunks=(CHUNK,), shuffle=True, compression="gzip")),
    "DSEC, LZF, times of 64 bits": ("i8", dict(chunks=(40000,), compression="lzf")),
    "DSEC, no filter": ("u4", {}),
}


def write(path, events, times, options):
    with h5py.File(path, "w") as f:
        t = events["t"] - events["t"][0]
        for name, values in ("x", events["x"]), ("y", events["y"]), ("p", events["p"].astype("u1")), ("t", t.astype(times)):
            f.create_dataset("events/" + name, data=values, **options)
        f["t_offset"] = events["t"][0]


def h5py_rate(path):
    start = time.process_time()
    with h5py.File(path) as f:
        n = [len(f["events/" + name][()]) for name in "txyp"][0]
    return n / (time.process_time() - start) / 1e6


def rate(test, path):
    run = subprocess.run([test, "-test.run", "^$", "-test.bench", "DecodeFile"], env=dict(os.environ, GANGLION_HDF5=path),
                         cwd="sources/format/h5", capture_output=True, text=True, check=True)
    return float(re.search(r"([\d.]+) Mevents/cpu-s", run.stdout)[1])


def main(source, packed, test):
    with h5py.File(source) as f:
        events = f["CD/events"][()]
    print("| file | MB | h5py %s, HDF5 %s | here |\n| --- | --- | --- | --- |" % (h5py.__version__, h5py.version.hdf5_version))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "events.h5")
        for name, (times, options) in LAYOUTS.items():
            write(path, events, times, options)
            pairs = [(h5py_rate(path), rate(test, path)) for _ in range(ROUNDS)]
            print("| %s | %.1f | %.0f | %.0f |" % (name, os.path.getsize(path) / 1e6, *map(max, zip(*pairs))), flush=True)
    best = max(rate(test, packed) for _ in range(ROUNDS))
    print("| Prophesee, ECF | %.1f | needs a plug-in | %.0f |" % (os.path.getsize(packed) / 1e6, best))


if __name__ == "__main__":
    main(*sys.argv[1:])
