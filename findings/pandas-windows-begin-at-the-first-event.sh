#!/usr/bin/env bash
# Finding: pandas counts events in windows that begin at the first event of each series where
#   times are durations (a TimedeltaIndex, as microseconds since the start of a recording are),
#   and in windows of a common grid where the same times are dates. `origin`, which is there to
#   choose the grid, is taken and does nothing: 'epoch' and 'start' give the same windows. On
#   events and off events of one recording, counted one after the other, so have windows that
#   never meet.
# Seen with: Debian 12, python3-pandas 1.5.3
# Expected by most: windows of 10 ms at 0, 10, 20 ms, the same for every series, at least when
#   asked for by origin='epoch'.
# Matters to: whoever compares rates: on against off, camera against microphone, spikes of one
#   neuron against those of another. What is added or joined on the window's time is empty (NaN),
#   what is compared by its place is shifted by up to a window.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python=/usr/bin/python3
$python -c 'import pandas' 2>/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-pandas) >/dev/null 2>&1
cat >windows.py <<'PY'
import sys
import pandas as pd

on, off = [7000, 12000, 23000, 24000], [4000, 9000, 13000, 22000] # µs

def counts(index, times, origin='start_day'):
    """The events in windows of 10 ms: the window's start in ms, and how many."""
    windows = pd.Series(1, index=index(times, unit='us')).resample('10ms', origin=origin).sum()
    return dict(zip((windows.index - index(0, unit='us')) / pd.Timedelta('1ms'), windows))

grid = ({0: 1, 10: 1, 20: 2}, {0: 2, 10: 1, 20: 1})
own = ({7: 2, 17: 2}, {4: 3, 14: 1})
print("pandas", pd.__version__, "- windows of 10 ms, as start in ms: events; on at", on, "off at", off, "µs")
seen = []
for name, index in (('dates', pd.to_datetime), ('durations', pd.to_timedelta)):
    for origin in ('start_day', 'epoch'):
        seen.append((counts(index, on, origin), counts(index, off, origin)))
        print("%-9s origin=%-11r on %s, off %s" % (name, origin, *seen[-1]))
if seen != [grid, grid, own, own]:
    sys.exit("CHANGED: want a common grid for dates and one of their own for durations")
PY
$python -W ignore windows.py
