#!/usr/bin/env bash
# Finding: in a chunk index of HDF5 of the kind "extensible array" (a data set that can
#   grow, written with libver='latest') the data blocks state a "block offset" that is not
#   their place in the array: the second block, which begins at element 16, says 48. The
#   library never looks at it; a reader that checks it by the format document refuses sound
#   files.
# Seen with: Debian's python3-h5py 3.7.0 with HDF5 1.10.8
# Expected by most: the field's own description ("the offset of the block in the array").
# Matters to: writers of HDF5 readers without the C library (browsers, Go, embedded) for event
#   recordings, which grow while they are recorded and so have just this index.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python=/usr/bin/python3
$python -c 'import h5py' 2>/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-h5py) >/dev/null 2>&1
$python - <<'PY'
import sys, h5py
with h5py.File('events.h5', 'w', libver='latest') as f:
    t = f.create_dataset('t', (120,), maxshape=(None,), chunks=(3,), dtype='<i4')
    t[:] = range(120)
b = open('events.h5', 'rb').read()
header = b.index(b'EAHD')
element_bits, in_index_block, in_first_block = b[header + 7], b[header + 8], b[header + 9]
width = (element_bits + 7) // 8
said, at = [], b.find(b'EADB')
while at >= 0:
    said.append(int.from_bytes(b[at + 14:at + 14 + width], 'little'))
    at = b.find(b'EADB', at + 1)
print("HDF5", h5py.version.hdf5_version, "- 40 chunks,", in_index_block, "of them in the index block, the first data block holds", in_first_block)
print("data blocks say they begin at", said, "- they begin at", [0, in_first_block])
if said != [0, 48] or in_first_block != 16:
    sys.exit("CHANGED: want [0, 48]")
PY
