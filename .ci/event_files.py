"""Recordings in HDF5 as other programs lay them out, for the tests of sources/format/h5.

  event_files.py make DIR      one file a layout; event i is at column 7i % 200,
                               row 13i % 150, time 1000 + 37i us, on where i // 3 is odd
  event_files.py read FILE...  the events of a file that ganglion wrote, as lines
                               "t x y p", and "# " before what stands beside them
"""

import sys

import h5py
import numpy as np

try:
    import hdf5plugin
except ImportError:
    hdf5plugin = None

N = 20000
I = np.arange(N)
X, Y, T, P = I * 7 % 200, I * 13 % 150, 1000 + 37 * I, I // 3 % 2


def columns(g, types, names="xytp", values=None, **options):
    for name, type, v in zip(names, types, values or (X, Y, T, P)):
        g.create_dataset(name, data=np.asarray(v).astype(type), **options)


def ms_index(t):
    return np.searchsorted(t, np.arange(t[-1] // 1000 + 1) * 1000)


def dsec(f, **options):
    t = T - 500
    columns(f.create_group("events"), ("u2", "u2", "u4", "u1"), values=(X, Y, t, P), **options)
    f["ms_to_idx"] = ms_index(t).astype("u8")
    f["t_offset"] = np.int64(500)


def records(dtype):
    r = np.zeros(N, dtype)
    r["x"], r["y"], r["p"], r["t"] = X, Y, P, T
    return r


def make(folder):
    def create(name, **options):
        return h5py.File(folder + "/" + name + ".h5", "w", **options)

    for version in "earliest", "latest":
        with create("dsec_" + version, libver=version) as f:
            dsec(f, chunks=(3000,), compression="gzip", shuffle=True)
            f["events"].attrs["width"], f["events"].attrs["height"] = 200, 150
    with create("dsec_plain") as f:
        dsec(f)
    for name, offset in ("float", np.float64(500)), ("array", np.array([500], "i4")):
        with create("dsec_offset_" + name) as f:
            dsec(f)
            del f["t_offset"]
            f["t_offset"] = offset
    for name, offset in ("text", b"500"), ("fraction", np.float64(.5)), ("several", np.array([1, 2])):
        with create("refused_" + name) as f:
            dsec(f)
            del f["t_offset"]
            f["t_offset"] = offset
    with create("unit_ns") as f:
        columns(f.create_group("events"), ("u2", "u2", "i8", "u1"), values=(X, Y, T * 1000 + 999, P))
        f["events/t"].attrs["unit"] = "ns"
    with create("columns_pair") as f:
        f["cam/xy"], f["cam/ts"], f["cam/p"] = np.stack([X, Y], 1).astype("u2"), T, P.astype("u1")
        f["cam/ts"].attrs["units"] = np.bytes_("[us]")
    with create("records_within") as f:
        within = np.zeros(N, [("pixel", [("x", "<u2"), ("y", ">i4")]), ("t", "<i8"), ("p", "u1"), ("covariance", "<f4", (3, 3))])
        within["pixel"]["x"], within["pixel"]["y"], within["t"], within["p"] = X, Y, T, P
        f.create_dataset("dvs/events", data=within, chunks=(777,), compression="gzip")
    with create("records_pair", libver="latest") as f:
        pair = np.zeros(N, [("t", "<i8"), ("p", "i1"), ("xy", "<u2", (2,))])
        pair["xy"], pair["t"], pair["p"] = np.stack([X, Y], 1), T, 2 * P.astype("i1") - 1
        f.create_dataset("events", data=pair, chunks=(777,), maxshape=(None,))
    with create("refused_doubt") as f:
        doubt = np.zeros(9, [("left", [("x", "<u2"), ("y", "<u2")]), ("right", [("x", "<u2"), ("y", "<u2")]), ("t", "<i8"), ("p", "u1")])
        f["events"] = doubt
    if hdf5plugin and h5py.h5z.filter_avail(hdf5plugin.Blosc.filter_id):
        for codec in "zstd", "lz4", "blosclz", "zlib":
            with create("dsec_blosc_" + codec) as f:
                dsec(f, chunks=(5000,), **hdf5plugin.Blosc(cname=codec))
        with create("vector") as f:
            dsec(f, chunks=(7001,), **hdf5plugin.Blosc(cname="zstd", clevel=9, shuffle=2))
    with create("tumvie_float") as f:
        columns(f.create_group("events"), ("i4", "i4", "f8", "?"), compression="lzf")
    with create("m3ed") as f:
        for side, shift in ("left", 0), ("right", 5):
            g = f.create_group("prophesee/" + side)
            columns(g, ("u2", "u2", "i8", "i1"), values=(X + shift, Y, T, P), chunks=(4000,), maxshape=(None,), compression="lzf")
            g["ms_map_idx"] = ms_index(T).astype("u8")
            g["calib/resolution"] = np.array([1280, 720])
    for name, off in ("mvsec", -1), ("mvsec_01", 0):
        with create(name) as f:
            for side in "left", "right":
                rows = np.stack([X, Y, T / 1e6, np.where(P > 0, 1, off)], 1).astype("f8")
                f.create_dataset("davis/%s/events" % side, data=rows[: N if side == "left" else 2000], compression="gzip", chunks=(1000, 4) if off else (900, 2))
                f.create_dataset("davis/%s/image_raw" % side, data=np.zeros((2, 260, 346), "u1"))
                f.create_dataset("davis/%s/imu" % side, data=np.zeros((50, 6)))
                f.create_dataset("davis/%s/imu_ts" % side, data=np.zeros(50))
    with create("prophesee_plain") as f:
        dtype = {"names": ["x", "y", "p", "t"], "formats": ["<u2", "<u2", "<i2", "<i8"], "offsets": [0, 2, 4, 8], "itemsize": 16}
        f.create_dataset("CD/events", data=records(dtype), chunks=(16384,), maxshape=(None,))
        triggers = np.zeros(3, {"names": ["p", "t", "id"], "formats": ["<i2", "<i8", "<i2"], "offsets": [0, 8, 16], "itemsize": 24})
        triggers["p"], triggers["t"], triggers["id"] = (1, 0, 1), (1010, 400000, 10**9), (0, 0, 3)
        f.create_dataset("EXT_TRIGGER/events", data=triggers, chunks=(16384,), maxshape=(None,))
        f.attrs["geometry"], f.attrs["version"], f.attrs["serial_number"] = "1280x720", "1.0", "0001"
    with create("event_utils") as f:
        columns(f.create_group("events"), ("i2", "i2", "f8", "?"), ("xs", "ys", "ts", "ps"), (X, Y, T / 1e6, P), chunks=(1024,), maxshape=(None,))
        f.attrs["sensor_resolution"], f.attrs["num_events"], f.attrs["t0"] = (150, 200), N, T[0] / 1e6
        for i in range(300):
            f.create_dataset("images/image%09d" % i, data=np.zeros((2, 2), "u1"))
    with create("v2e") as f:
        f.create_dataset("events", data=np.stack([T, X, Y, P], 1).astype("u4"), maxshape=(None, 4), compression="gzip")
        f["frame"] = np.zeros((1, 150, 200), "u1")
    with create("v2e_older") as f:
        f.create_dataset("events", data=np.stack([T, X, Y, np.where(P > 0, 1, -1)], 1).astype("i8").astype("u4"), maxshape=(None, 4), compression="gzip")
    with create("3et") as f:
        f.create_dataset("events", data=np.stack([T, X, Y, P], 1))
    with create("event_vision") as f:
        columns(f.create_group("raw_events"), ("i4", "i4", "f8", "?"), values=(X, Y, T / 1e6, P), compression="gzip")
    with create("ebssa", userblock_size=512) as f:
        for name, v in ("x", X + 1), ("y", Y + 1), ("ts", T), ("p", np.where(P > 0, 1, -1)):
            f.create_dataset("REC/TD/" + name, data=v.reshape(1, N).astype("f8"), chunks=(1, 5000), compression="gzip")
    with create("big_endian") as f:
        columns(f.create_group("events"), (">u2", ">i4", ">i8", "i2"), values=(X, Y, T, P * 2 - 1))
    with create("lab_names") as f:
        columns(f.create_group("recording"), ("u2", "u2", "i8", "i1"), ("x_coords", "y_coords", "timestamps", "polarities"))
    with create("lab_prefix") as f:
        columns(f, ("u2", "u2", "f8", "?"), ("event_x", "event_y", "event_t", "event_p"), (X, Y, T / 1e6, P))
    for name, order in ("xypt", (X, Y, P, T)), ("xytp", (X, Y, T, P)):
        with create("lab_matrix_" + name) as f:
            f.create_dataset("data/event_data", data=np.stack(order, 1), chunks=(999, 4))
    with create("refused_transposed") as f:
        f["events"] = np.stack([T, X, Y, P])
    with create("refused_order") as f:
        f["events"] = np.stack([X, T, P, Y], 1)
    with create("nothing") as f:
        f["images"] = np.zeros((5, 4, 3), "u1")
        f["weights/layer"] = np.zeros((3, 4), "f4")
        f["names"] = ["a", "b"]


def read(path):
    with h5py.File(path) as f:
        if "CD" in f:
            e = f["CD/events"]
            for k in f.attrs:
                print("# %s=%s" % (k, f.attrs[k]))
            print("# filters %s chunk %d" % ([e.id.get_create_plist().get_filter(i)[0] for i in range(e.id.get_create_plist().get_nfilters())], e.chunks[0]))
            print("# type %s size %d" % (e.dtype.descr, e.dtype.itemsize))
            for r in f["EXT_TRIGGER/events"]:
                print("# trigger", r["t"], r["id"], r["p"])
            index = f["CD/indexes"]
            print("# indexes", len(index), index.attrs["offset"])
            if 36559 in [e.id.get_create_plist().get_filter(i)[0] for i in range(e.id.get_create_plist().get_nfilters())]:
                return
            e = e[()]
            t, x, y, p = e["t"], e["x"], e["y"], e["p"]
        else:
            e = f["events"]
            t, x, y, p = e["t"][()], e["x"][()], e["y"][()], e["p"][()]
            index = f["ms_to_idx"][()]
            assert len(t) == 0 or len(index) == t.max() // 1000 + 1 and index[0] == 0, (len(index), t.max())
            for k in range(1, len(index), max(1, len(index) // 1000)):
                later = np.flatnonzero(t >= 1000 * k)
                assert index[k] == later[0] and t[: index[k]].max() < 1000 * k, k
            print("# size", f.attrs["width"], f.attrs["height"])
            t = t + f["t_offset"][()]
        for row in zip(t, x, y, p):
            print(*row)


if __name__ == "__main__":
    for argument in sys.argv[2:]:
        {"make": make, "read": read}[sys.argv[1]](argument)
