#!/usr/bin/env bash
# Finding: Debian's python3-hdf5plugin is imported without a word and holds not one filter:
#   its options for Blosc make h5py raise "Unknown compression filter number", and files
#   with Blosc cannot be read. The plugins are packages of their own, of which a minimal
#   installation (--no-install-recommends, as in containers) takes none. The same import
#   from PyPI brings them all, which is what code that catches an ImportError relies on.
# Seen with: Debian 12, python3-hdf5plugin 4.0.1-3, python3-h5py 3.7.0-8
# Expected by most: a package that is named after the plugins and can be imported has them;
#   its own hdf5plugin.get_config() tells of sse2 and avx2 in the build, and of no filter.
# Matters to: who reads event recordings in HDF5 with Blosc (as those of DSEC) in a
#   container: test h5py.h5z.filter_avail(32001), not the import, and install
#   hdf5-filter-plugin-blosc-serial.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
apt-get update -qq >/dev/null 2>&1 || true
apt-get download -qq python3-hdf5plugin=4.0.1-3 >/dev/null 2>&1 # unpacked here: nothing that it recommends comes with it
dpkg -x python3-hdf5plugin_*.deb .
python=/usr/bin/python3
$python -c 'import h5py' 2>/dev/null || apt-get install -y -qq --no-install-recommends python3-h5py >/dev/null 2>&1
mkdir none
HDF5_PLUGIN_PATH="$dir/none" PYTHONPATH="$dir/usr/lib/python3/dist-packages" $python - <<'PY'
import sys, h5py, hdf5plugin
config = hdf5plugin.get_config()
print("hdf5plugin", hdf5plugin.version, "from", hdf5plugin.__file__.split("/usr/")[1], "-", len(config.registered_filters), "filters")
print("Blosc (32001) is available:", h5py.h5z.filter_avail(hdf5plugin.Blosc.filter_id))
try:
    with h5py.File("events.h5", "w") as f:
        f.create_dataset("t", data=range(1000), chunks=(100,), **hdf5plugin.Blosc(cname="zstd"))
    said = "written"
except ValueError as e:
    said = str(e)
print("a data set of event times:", said)
if config.registered_filters or "Unknown compression filter number: 32001" not in said:
    sys.exit("CHANGED: want no filter and an unknown filter number")
PY
