"""Second opinion on NIR and HDF5 files, with h5py and nothing else.

  nir_check.py check FILE...   is each file laid out as the nir package reads it?
  nir_check.py dump FILE...    every dataset and attribute as one line of JSON a
                               file, floats in hex
  nir_check.py make DIR        HDF5 files of many kinds, for the reader's tests

The nir package itself is not needed: its layout is that of nir 1.0.x (see the
documentation of network/nir).
"""

import json
import sys

import h5py
import numpy as np

try:
    from hdf5plugin import Blosc as blosc  # Debian: python3-hdf5plugin, hdf5-filter-plugin-blosc-serial
except ImportError:
    blosc = None
if blosc and not h5py.h5z.filter_avail(blosc.filter_id):
    blosc = None

# Parameters of every node type; "?" marks one that a file may leave out.
NODES = {
    "Input": "shape",
    "Output": "shape",
    "Affine": "weight bias",
    "Linear": "weight",
    "Scale": "scale",
    "Conv1d": "input_shape? weight stride padding dilation groups bias",
    "Conv2d": "input_shape? weight stride padding dilation groups bias",
    "SumPool2d": "kernel_size stride padding",
    "AvgPool2d": "kernel_size stride padding",
    "Flatten": "start_dim end_dim input_type?",
    "Delay": "delay",
    "Threshold": "threshold",
    "I": "r",
    "IF": "r v_threshold v_reset?",
    "LI": "tau r v_leak",
    "LIF": "tau r v_leak v_threshold v_reset?",
    "CubaLI": "tau_syn tau_mem r v_leak w_in?",
    "CubaLIF": "tau_syn tau_mem r v_leak v_threshold v_reset? w_in?",
    "NIRGraph": "nodes edges",
}
SERIES = {
    "TimeGriddedData": ("data", "dt"),
    "EventData": ("idx time", "n_neurons t_max"),
    "ValuedEventData": ("idx time value", "n_neurons t_max"),
}


def need(ok, what):
    if not ok:
        raise SystemExit("layout: " + what)


def check_text(d, what):
    info = h5py.check_string_dtype(d.dtype)
    need(info is not None and info.length is None, what + " is no variable-length string")
    need(info.encoding == "utf-8", what + " is not UTF-8")


def check_node(g):
    need("type" in g and g["type"].shape == (), g.name + " has no type")
    check_text(g["type"], g["type"].name)
    kind = g["type"][()].decode()
    need(kind in NODES, g.name + " is of unknown type " + kind)
    allowed = {"type", "metadata"}
    for p in NODES[kind].split():
        allowed.add(p.rstrip("?"))
        need(p.endswith("?") or p in g, g.name + " has no " + p)
    extra = set(g) - allowed
    need(not extra, "%s has also %s" % (g.name, sorted(extra)))
    if kind == "NIRGraph":
        need(g["edges"].ndim == 2 and g["edges"].shape[1] == 2, g.name + "/edges is not (E, 2)")
        check_text(g["edges"], g["edges"].name)
        for a, b in g["edges"][()]:
            need(a.decode() in g["nodes"] and b.decode() in g["nodes"], "%s: edge %s to %s" % (g.name, a, b))
        for n in g["nodes"].values():
            check_node(n)


def check_data(g):
    need(g.attrs["__type__"] == "NIRGraphData", g.name + " is no NIRGraphData")
    for n in g["nodes"].values():
        if n.attrs["__type__"] == "NIRGraphData":
            check_data(n)
            continue
        need(n.attrs["__type__"] == "NIRNodeData", n.name + " is no NIRNodeData")
        for o in n["observables"].values():
            data, attrs = SERIES[o.attrs["__type__"]]
            for k in data.split():
                need(k in o, "%s has no %s" % (o.name, k))
            for k in attrs.split():
                need(k in o.attrs and np.ndim(o.attrs[k]) == 0, "%s has no attribute %s" % (o.name, k))


def check(path):
    with h5py.File(path, "r") as f:
        if "__type__" in f.attrs:
            check_data(f)
        else:
            check_text(f["version"], "/version")
            need(f["node/type"][()] == b"NIRGraph", "/node is no NIRGraph")
            check_node(f["node"])
    print("ok", path)


def text(v, dtype):
    if isinstance(v, bytes):
        return v.decode()
    if isinstance(v, str):
        return v
    if dtype.kind == "f":
        return float(v).hex()
    return str(int(v))


def entry(value, dtype):
    kind = "string" if dtype.kind in "OSU" else dtype.name
    if isinstance(value, h5py.Empty):
        return {"type": kind, "null": True, "shape": [], "values": []}
    a = np.asarray(value)
    return {"type": kind, "null": False, "shape": list(a.shape), "values": [text(v, dtype) for v in a.ravel()]}


def put(out, name, value, dtype):
    """A record is one entry a member, as the reader gives them."""
    if dtype.names:
        for member in dtype.names:
            put(out, name + "." + member, np.asarray(value)[member], dtype[member])
    elif dtype.subdtype:
        base, axes = dtype.subdtype
        values = np.asarray(value)
        values = values.reshape(values.shape[:values.ndim - len(axes)] + (-1,))
        for k in range(min(values.shape[-1], 16)):
            put(out, "%s[%d]" % (name, k), values[..., k], base)
    else:
        out[name] = entry(value, dtype)


def dump(path):
    out = {}

    def visit(name, o):
        for k in o.attrs:
            a = o.attrs[k]
            dtype = a.dtype if hasattr(a, "dtype") else np.dtype("O")
            put(out, o.name + "@" + k, a, dtype)
        if isinstance(o, h5py.Dataset):
            put(out, o.name, o[()], o.dtype)

    with h5py.File(path, "r") as f:
        visit("/", f)
        f.visititems(visit)
    print(json.dumps(out))


def make(folder):
    """Writes what the library's users can meet, each value known by its place."""
    v = np.arange(-60, 60)
    for name, options in {
        "earliest": {"libver": "earliest"},
        "v108": {"libver": ("v108", "v108")},
        "latest": {"libver": "latest"},
        "userblock": {"userblock_size": 1024},
        "userblock_latest": {"userblock_size": 512, "libver": "latest"},
        "ordered": {"libver": "latest", "track_order": True},
    }.items():
        with h5py.File(folder + "/" + name + ".h5", "w", **options) as f:
            types = f.create_group("types")
            for t in "i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8".split():
                for order in "<>":
                    d = np.dtype(order + t)
                    types[t + ("le" if order == "<" else "be")] = np.abs(v).astype(d) if t[0] == "u" else v.astype(d) / 4 if t[0] == "f" else v.astype(d)
            types["bool"] = v > 0
            types["enum"] = np.array([0, 1, 2, 1], h5py.enum_dtype({"A": 0, "B": 1, "C": 2}, "i2"))
            types["fixed"] = np.array([b"ab", b"", b"abcdefgh"], "S8")
            types["text"] = np.array([["a", "\u00fc"], ["", "long " * 40]], h5py.string_dtype())
            types["ascii"] = np.array([b"x", b"yy"], h5py.string_dtype("ascii"))
            types["scalar"] = 2.5
            types["halves"] = np.array([0, -0.0, 1, 65504, 6e-8, -6.1e-5, np.inf, -np.inf], "f2")
            events = np.zeros(120, np.dtype({"names": ["x", "y", "p", "t"], "formats": ["<u2", "<u2", "<i2", "<i8"], "offsets": [0, 2, 4, 8], "itemsize": 16}))
            events["x"], events["y"], events["p"], events["t"] = v + 60, 2 * v + 120, v > 0, v.astype("i8") << 40
            types["records"] = events
            types["nested"] = np.array([((1, 2.5), b"ab"), ((3, -1), b"c")], [("pair", [("a", "<i4"), ("b", ">f8")]), ("name", "S3")])
            types["records of one"] = np.zeros((), [("on", "?")])
            arrays = np.zeros(3, [("xy", "<u2", (2,)), ("m", ">f8", (2, 3)), ("many", "i1", (40,)), ("in", [("a", "<i4", (2,))])])
            arrays["xy"], arrays["m"][:, 1, 2], arrays["many"][:, 15], arrays["in"]["a"][1] = [[1, 2], [3, 4], [5, 6]], [7, 8, 9], -1, [10, 11]
            types["arrays"] = arrays
            types.attrs["record"] = np.array([(1, 2.5)], [("a", "i4"), ("b", "f2")])
            types["empty"] = np.zeros((0, 3))
            types["null"] = h5py.Empty("f4")
            lay = f.create_group("layouts")
            big = np.arange(40 * 50, dtype="f4").reshape(40, 50)
            lay.create_dataset("chunks", data=big, chunks=(7, 11))
            lay.create_dataset("deflate", data=big, chunks=(7, 11), compression="gzip")
            lay.create_dataset("all", data=big, chunks=(16, 16), compression="gzip", shuffle=True, fletcher32=True)
            lay.create_dataset("fletcher", data=big, fletcher32=True, chunks=(40, 50))
            lay.create_dataset("shuffle3", data=np.arange(90, dtype="i8").reshape(3, 5, 6), chunks=(2, 2, 4), shuffle=True, compression=9)
            lay.create_dataset("pages", data=np.arange(9000, dtype="i4"), chunks=(3,))
            lay.create_dataset("pages_deflate", data=np.arange(5000, dtype="i4"), chunks=(3,), compression="gzip")
            lay.create_dataset("single", data=big, chunks=(40, 50), compression="gzip")
            lay.create_dataset("larger", data=np.arange(5.0), chunks=(8,), maxshape=(20,))
            lay.create_dataset("growing", data=np.arange(5.0), chunks=(8,), maxshape=(None,))
            # Chunks of a dataset that grows along one axis, along two, and none:
            # few and many, with and without filters, with gaps.
            for filters in {}, {"compression": "lzf"}, {"compression": "gzip", "shuffle": True, "fletcher32": True}:
                tag = " " + str(filters.get("compression", "plain"))
                for n in 1, 5, 40, 700:
                    lay.create_dataset("grows to %d" % n + tag, data=np.arange(3 * n - 1, dtype="i4"), chunks=(3,), maxshape=(None,), **filters)
                late = lay.create_dataset("late" + tag, shape=(6000,), dtype="i2", chunks=(4,), maxshape=(None,), fillvalue=-3, **filters)
                late[5000:5100], late[5990:] = 1, 2
                if name == "latest" and tag != " gzip":
                    pages = lay.create_dataset("pages of a block" + tag, shape=(150000,), dtype="u1", chunks=(1,), maxshape=(None,), **filters)
                    pages[140000:140010], pages[149990:] = 1, 2
                for name, shape, most in ("rows", (50, 7), (None, 9)), ("columns", (7, 50), (11, None)), ("both", (50, 40), (None, None)), ("neither", (50, 7), (60, 9)):
                    lay.create_dataset(name + tag, data=np.arange(shape[0] * shape[1], dtype="u2").reshape(shape), chunks=(3, 2), maxshape=most, **filters)
                cube = lay.create_dataset("cube" + tag, shape=(4, 5, 60), dtype="u1", chunks=(3, 2, 4), maxshape=(4, None, None), **filters)
                cube[:, :, :] = np.arange(1200).reshape(4, 5, 60) % 251
                grown = lay.create_dataset("grown" + tag, data=np.arange(20.0), chunks=(6,), maxshape=(None,), **filters)
                grown.resize((37,))
                grown.resize((31,))
            lay.create_dataset("lzf", data=np.arange(5000) % 7, chunks=(999,), compression="lzf", shuffle=True)
            lay.create_dataset("lzf noise", data=np.random.default_rng(1).integers(0, 256, 3000, "u1"), chunks=(500,), compression="lzf")
            sparse = lay.create_dataset("sparse", shape=(30, 30), dtype="i4", chunks=(10, 10), fillvalue=7, compression="gzip")
            sparse[12, 13] = 1
            lay.create_dataset("unwritten", shape=(9,), dtype="f8", fillvalue=-1.5)
            early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            early.set_chunk((4,))
            early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
            space = h5py.h5s.create_simple((10,))
            d = h5py.h5d.create(lay.id, b"implicit", h5py.h5t.STD_I32LE, space, early)
            d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(10, dtype="i4"))
            compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            compact.set_layout(h5py.h5d.COMPACT)
            d = h5py.h5d.create(lay.id, b"compact", h5py.h5t.STD_I32LE, space, compact)
            d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(10, dtype="i4"))
            many = f.create_group("many")
            for i in range(300):
                many["member with number %04d" % i] = i
            attrs = f.create_group("attributes")
            for i in range(40):
                attrs.attrs["attribute %02d" % i] = i / 2
            attrs.attrs["text"] = "\u00e4"
            attrs.attrs["list"] = np.arange(6).reshape(2, 3)
            f["chain/of/groups/x"] = 1
            f["deep" + "/d" * 60 + "/x"] = 1

    if blosc:
        make_blosc(folder + "/blosc.h5")
    make_refused(folder + "/refused.h5")


def make_blosc(path):
    with h5py.File(path, "w") as f:
        for codec in "blosclz", "lz4", "lz4hc", "zlib", "zstd":
            for shuffle in 0, 1, 2:
                for n, t in (9, "i8"), (2000, "u1"), (20001, "u2"), (2000, "i4"), (9333, "i8"):
                    data = (np.arange(n) * 7 // 9 % 1000).astype(t)
                    f.create_dataset("%s %d %d %s" % (codec, shuffle, n, t), data=data, chunks=(min(n, 9011),), **blosc(cname=codec, shuffle=shuffle))
        noise = np.random.default_rng(2).integers(0, 1 << 60, 3000)
        for codec in "blosclz", "zstd":
            f.create_dataset("noise " + codec, data=noise, chunks=(1000,), **blosc(cname=codec))
        records = np.zeros(120, [("x", "u2"), ("t", "i8")])
        records["x"], records["t"] = np.arange(120), np.arange(120) << 30
        f.create_dataset("records", data=records, chunks=(50,), **blosc(cname="zstd", shuffle=1))


def make_refused(path):
    """What a reader of networks may refuse, each under the name of what it is."""
    with h5py.File(path, "w", libver="latest") as f:
        f["plain"] = np.zeros(2, "f4")
        f.create_dataset("sequence", (2,), dtype=h5py.vlen_dtype("i4"))
        f["reference"] = f["plain"].ref
        f["committed"] = np.dtype("i4")
        f.create_dataset("of committed type", data=[1], dtype=f["committed"])
        f["soft"] = h5py.SoftLink("/plain")
        f["external"] = h5py.ExternalLink("other.h5", "/")
        f["opaque"] = np.void(b"ab")
        array = h5py.h5t.array_create(h5py.h5t.STD_I32LE, (3,))
        h5py.h5d.create(f.id, b"array", array, h5py.h5s.create_simple((2,)))
        f.create_dataset("scaleoffset", data=np.arange(99), scaleoffset=0)
        h5py.h5a.create(f.id, b"array", array, h5py.h5s.create_simple((2,)))


if __name__ == "__main__":
    command, arguments = sys.argv[1], sys.argv[2:]
    for argument in arguments:
        {"check": check, "dump": dump, "make": make}[command](argument)
