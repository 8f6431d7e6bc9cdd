#!/usr/bin/env bash
# Finding: NumPy's sort of an array of records by one field, np.sort(events, order='t'), puts
#   records of equal t in the order of their other fields, and kind='stable' does not keep it
#   from that: an on event and then an off event of a pixel in the same microsecond become an
#   off event and then an on event. `sort -n -k1,1` on the same events as text does likewise, by the text of whole lines,
#   so that x = 10 comes before x = 9. np.argsort(events['t'], kind='stable') and `sort -s`
#   keep the order.
# Seen with: Debian 12, python3-numpy 1.24.2, coreutils 9.1
# Expected by most: a stable sort by time leaves events of one time in the order in which the
#   sensor gave them; that is what the word means.
# Matters to: whoever merges or mends recordings of event cameras before a filter, a time
#   surface or a network looks at them. Times are coarse in simulators and in data sets of
#   milliseconds, so that ties are common; the last polarity of a pixel is then on wherever it
#   was both, and refractory filters keep the off event where they kept the on event.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python=/usr/bin/python3
$python -c 'import numpy' 2>/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-numpy) >/dev/null 2>&1
cat >order.py <<'PY'
import os, subprocess, sys
import numpy as np

written = [(2000, 10, 4, 1), (2000, 10, 4, 0), (2000, 9, 7, 1), (1000, 5, 5, 0)]
events = np.array(written, dtype=[('t', '<i8'), ('x', '<u2'), ('y', '<u2'), ('p', 'u1')])
np.savetxt('events.txt', events, fmt='%d')

def lines(*options):
    out = subprocess.run(('sort', *options, 'events.txt'), check=True, capture_output=True, text=True, env=dict(os.environ, LC_ALL='C'))
    return [tuple(map(int, line.split())) for line in out.stdout.splitlines()]

kept = [written[3], *written[:3]]
got = {
    "np.sort(events, order='t', kind='stable')": np.sort(events, order='t', kind='stable').tolist(),
    "events[np.argsort(events['t'], kind='stable')]": events[np.argsort(events['t'], kind='stable')].tolist(),
    "sort -n -k1,1": lines('-n', '-k1,1'),
    "sort -s -n -k1,1": lines('-s', '-n', '-k1,1'),
}
print("numpy", np.__version__, "- (t, x, y, p) as written:", written)
for how, events in got.items():
    print("%-46s keeps their order: %-5s %s" % (how, events == kept, events))
by_fields = [(1000, 5, 5, 0), (2000, 9, 7, 1), (2000, 10, 4, 0), (2000, 10, 4, 1)]
by_text = [(1000, 5, 5, 0), (2000, 10, 4, 0), (2000, 10, 4, 1), (2000, 9, 7, 1)]
if list(got.values()) != [by_fields, kept, by_text, kept]:
    sys.exit("CHANGED: want an order by the other fields, the order kept, one by text, the order kept")
PY
$python order.py
