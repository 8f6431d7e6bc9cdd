#!/usr/bin/env bash
# Finding: with the pair rule of STDP as Brian2's documents write it (on_pre adds to the trace
#   of pre and subtracts that of post from the weight, on_post the other way round), spikes
#   of pre and post in the very same step strengthen the synapse by the whole of A+, the most
#   that any pair can: on_pre runs before on_post, so post finds the new trace of pre, and
#   pre does not find that of post. Between -1 step and +1 step the change of weight does not
#   pass through zero at 0, and it is not the sum of both either.
# Seen with: Debian's python3-brian 2.5.1
# Expected by most: a pair at distance 0 does nothing, or adds both halves (A+ and A- of equal
#   size: nothing), as the rule is drawn: odd around 0.
# Matters to: whoever learns from data whose spikes come in volleys (frames or windows of
#   events, sound in steps of 1 to 10 ms): coincidences are then a large part of all pairs, and
#   two simulators with the same equations learn different weights.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python=/usr/bin/python3
$python -c 'import brian2' 2>/dev/null || (apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-brian) >/dev/null 2>&1
cat >stdp.py <<'PY'
from brian2 import *
prefs.codegen.target = 'numpy'
defaultclock.dt = 1*ms

def change(distance):
    """The change of weight by one pair, post so many steps after pre, A+ = A- = 1."""
    start_scope()
    pre = SpikeGeneratorGroup(1, [0], [20*ms])
    post = SpikeGeneratorGroup(1, [0], [(20 + distance)*ms])
    synapse = Synapses(pre, post, '''
        w : 1
        dapre/dt = -apre/(20*ms) : 1 (event-driven)
        dapost/dt = -apost/(20*ms) : 1 (event-driven)''',
        on_pre='apre += 1; w -= apost', on_post='apost += 1; w += apre')
    synapse.connect()
    run(60*ms)
    return round(float(synapse.w[0]), 3)

changes = {d: change(d) for d in (-2, -1, 0, 1, 2)}
for d, w in changes.items():
    print("post %+d ms after pre: weight %+.3f" % (d, w))
assert changes == {-2: -0.905, -1: -0.951, 0: 1.0, 1: 0.951, 2: 0.905}, "this has changed"
PY
$python stdp.py 2>/dev/null
