"""Times networks of network/bench_test.go beside Brian2's C++ standalone and
PyTorch, in turns on the same machine, and prints medians and ratios.
   apt-get install python3-brian python3-torch
   go test -c -o /tmp/network.test ./network && /usr/bin/python3 .ci/simulators.py /tmp/network.test [ROUNDS]
A simulator that is not installed is left out. Building networks and compiling
are not counted, on neither side; both sides record the spikes of every layer."""
import os, re, statistics, subprocess, sys, tempfile, time, warnings

import numpy as np

warnings.simplefilter("ignore")
BINARY, ROUNDS = os.path.abspath(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 9


def ganglion(benchmark):
    """ms and spikes of one window of a benchmark"""
    out = subprocess.run([BINARY, "-test.run", "^$", "-test.bench", benchmark, "-test.benchtime", ".2s"],
                         capture_output=True, text=True, check=True).stdout
    ns, spikes = re.search(r"([\d.]+) ns/op", out), re.search(r"([\d.]+) spikes/window", out)
    return float(ns[1])/1e6, float(spikes[1])


class Brian:
    """a network of Brian2 as a program of its own"""

    def __init__(self, build):
        import brian2
        self.dir = tempfile.mkdtemp()
        brian2.device.reinit()
        brian2.device.activate()
        brian2.set_device("cpp_standalone", build_on_run=False, directory=self.dir)
        brian2.start_scope()
        self.net, self.monitors = build(brian2)
        self.net.run(1*brian2.second)
        brian2.device.build(run=True, compile=True, directory=self.dir)
        self.spikes = sum(m.num_spikes for m in self.monitors)

    def __call__(self):
        subprocess.run(["./main"], cwd=self.dir, capture_output=True, check=True)
        return float(open(self.dir+"/results/last_run_info.txt").read().split()[0])*1e3, self.spikes


def dense(b):
    """700-256-20 LIF, 1,000 steps of 1 ms, 1 % input; weights as in BenchmarkDense"""
    rng = np.random.default_rng(1)
    b.defaultclock.dt = 1*b.ms
    steps, ids = np.nonzero(rng.random((1000, 700)) < .01)
    source = b.SpikeGeneratorGroup(700, ids, steps*b.ms)
    tau = -1/np.log(.95)*b.ms
    lif = dict(model="dv/dt = -v/tau : 1", threshold="v > 1", reset="v = 0", method="exact", namespace={"tau": tau})
    hidden, out = b.NeuronGroup(256, **lif), b.NeuronGroup(20, **lif)
    parts = [source, hidden, out]
    for pre, post in ((source, hidden), (hidden, out)):
        s = b.Synapses(pre, post, "w : 1", on_pre="v += w")
        s.connect()
        s.w = rng.normal(.05, .1, len(pre)*len(post))
        parts.append(s)
    monitors = [b.SpikeMonitor(hidden), b.SpikeMonitor(out)]
    net = b.Network(parts+monitors)
    net.schedule = ["start", "groups", "synapses", "thresholds", "resets", "end"]
    return net, monitors


def cuba(b):
    """4,000 LIF behind exponential synapses, 2 % connections, 1 s at .1 ms, as in BenchmarkCUBA"""
    b.defaultclock.dt = .1*b.ms
    neurons = b.NeuronGroup(
        4000, "dv/dt = (11-v+c)/(20*ms) : 1\ndc/dt = -c/(5*ms) : 1", threshold="v > 10", reset="v = 0", method="exact")
    neurons.v = "rand()*10"
    excite, inhibit = b.Synapses(neurons[:3200], neurons, on_pre="c += 1.62"), b.Synapses(neurons[3200:], neurons, on_pre="c -= 9")
    excite.connect(p=.02)
    inhibit.connect(p=.02)
    monitor = b.SpikeMonitor(neurons)
    return b.Network(neurons, excite, inhibit, monitor), [monitor]


class Torch:
    """the convolutional network of BenchmarkConv, a step at a time"""

    def __init__(self, threads):
        import torch
        self.t = torch
        torch.set_num_threads(threads)
        self.threads = threads
        torch.manual_seed(2)
        conv = lambda i, o, k, s: torch.nn.Conv2d(i, o, k, s, k//2, bias=False)
        self.layers = [conv(2, 8, 5, 2), conv(8, 16, 3, 1), conv(16, 32, 3, 1), torch.nn.Linear(2048, 11, bias=False)]
        for l, spread in zip(self.layers, (.12, .12, .12, .1)):
            torch.nn.init.normal_(l.weight, 0, spread)
        self.frames = [(torch.rand(1, 2, 128, 128) < 99/32768).float() for _ in range(100)]

    def __call__(self):
        t, v, spikes = self.t, [0., 0., 0., 0.], 0
        t.set_num_threads(self.threads)
        pool = lambda x: t.nn.functional.avg_pool2d(x, 2)*4
        with t.no_grad():
            began = time.perf_counter()
            for x in self.frames:
                for n, layer in enumerate(self.layers):
                    v[n] = .95*v[n]+layer(x.flatten(1) if n == 3 else x)
                    x = (v[n] > 1).float()
                    v[n] = v[n]*(1-x)
                    spikes = spikes+x.sum()
                    x = pool(x) if n < 3 else x
            return (time.perf_counter()-began)*1e3, float(spikes)


def compare(name, benchmark, goal, other, make):
    """prints a row of the table"""
    try:
        simulator = make()
    except ImportError as e:
        print("| %s | left out: %s |" % (name, e), flush=True)
        return
    mine, theirs = [], []
    for _ in range(ROUNDS):
        mine.append(ganglion(benchmark))
        theirs.append(simulator())
    a, b = (statistics.median(ms for ms, _ in side) for side in (mine, theirs))
    print("| %s | %.3g | %s | %.3g | %.1f | %s | %.0f / %.0f |" % (name, a, other, b, b/a, goal, mine[0][1], theirs[0][1]), flush=True)


def two(name, benchmark, goal):
    """prints how much faster two shards are than one"""
    a, b = ([], [])
    for _ in range(ROUNDS):
        a.append(ganglion(benchmark+"/shards=1")[0])
        b.append(ganglion(benchmark+"/shards=2")[0])
    a, b = statistics.median(a), statistics.median(b)
    print("| %s | %.3g | one shard | %.3g | %.2f | %s | |" % (name, b, a, a/b, goal), flush=True)


print("| network | ganglion, ms | beside | ms | times | goal | spikes |\n| --- | ---: | --- | ---: | ---: | ---: | ---: |")
compare("700-256-20, 1,000 steps", "^BenchmarkDense$", 6, "Brian2 C++", lambda: Brian(dense))
compare("CUBA, 1 s", "^BenchmarkCUBA$", 5, "Brian2 C++", lambda: Brian(cuba))
for threads in (1, 2):
    compare("convolutions, 100 steps", "^BenchmarkConv$/^events=99$", 25, "PyTorch, %d threads" % threads, lambda: Torch(threads))
two("15 MB of weights, 100 steps", "^BenchmarkShards$", 1.8)
two("a loop between events, 1 s", "^BenchmarkExactShards$", 1.5)
