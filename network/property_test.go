package network

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/crc64"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"ganglion/pipeline"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// seeds is how many random networks are drawn.
func seeds() uint64 {
	if os.Getenv("GANGLION_LONG") != "" {
		return 400
	}
	if testing.Short() {
		return 6
	}
	return 24
}

// few is how many of n networks are tried: one where time is short.
func few(n uint64) uint64 {
	if testing.Short() {
		return 1
	}
	return n
}

// inputOf draws spikes for a network.
func inputOf(spec Spec, seed uint64, span int64) *pipeline.Spikes {
	s := spec.Input
	in := randomTrain(seed, s[1], s[2], 1500, span)
	for i := range in.IDs {
		in.IDs[i] %= uint32(s.Size())
	}
	for i := range in.T { // an id may stand twice, but ids ascend
		run := in.Run(i)
		for j := 1; j < len(run); j++ {
			for k := j; k > 0 && run[k] < run[k-1]; k-- {
				run[k], run[k-1] = run[k-1], run[k]
			}
		}
	}
	return in
}

// batched cuts a span into windows of whole ms that hold at least n spikes
// each.
func batched(in *pipeline.Spikes, n int, span int64) (cuts []int64) {
	start, held := int64(0), 0
	for i, t := range in.T {
		if end := (t/1000 + 1) * 1000; held >= n && end > start+1000 {
			cuts = append(cuts, end-1000-start)
			start, held = end-1000, 0
		}
		held += int(in.Offsets[i+1] - in.Offsets[i])
	}
	return append(cuts, span-start)
}

// TestRandomNetworksAreTheSameHoweverTheyRun draws networks and wants the same
// spikes, values and state from any number of shards and processors, for any
// batch size, and across a checkpoint.
func TestRandomNetworksAreTheSameHoweverTheyRun(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	const span = 60_000
	fired := 0
	for kind, draw := range map[string]func(uint64) Spec{"clock-driven": stepped, "event-driven": stepless} {
		for seed := range seeds() { // a test each, whose engines are closed and given up at its end
			t.Run(fmt.Sprintf("%s, seed %d", kind, seed), func(t *testing.T) {
				fired += sameHoweverItRuns(t, draw(seed), seed, span)
			})
		}
	}
	if fired < 500 {
		t.Errorf("%d spikes in the last layers: the test shows nothing", fired)
	}
}

// sameHoweverItRuns returns how many spikes the network's last layer fired.
func sameHoweverItRuns(t *testing.T, spec Spec, seed uint64, span int64) int {
	in := inputOf(spec, seed, span)
	runtime.GOMAXPROCS(1)
	e := newEngine(t, spec, 1)
	want := runCut(t, e, in, span, span)
	state := stateOf(t, e)
	for i, shards := range []int{1, 2, 3, 8} {
		what := fmt.Sprintf("%d shards", shards)
		runtime.GOMAXPROCS(1 + i%2)
		for _, n := range []int{1, 1 << (1 + (seed+uint64(i))%10), 65536} {
			e := newEngine(t, spec, shards)
			same(t, fmt.Sprintf("%s, batches of %d", what, n), want, runCut(t, e, in, span, batched(in, n, span)...))
			if !bytes.Equal(state, stateOf(t, e)) {
				t.Fatalf("%s, batches of %d: another state", what, n)
			}
		}
		at := 1000 * rand.New(rand.NewPCG(seed, uint64(i))).Int64N(span/1000-1)
		same(t, fmt.Sprintf("%s, resumed at %d µs", what, at+1000), want, runResumed(t, spec, shards, in, span, at+1000))
	}
	return want[len(want)-1].Len()
}

func stateOf(t *testing.T, e *Engine) []byte {
	t.Helper()
	b, err := e.AppendState(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRandomNetworksHaveTheSameBitsEverywhere compares what random networks
// fire, and their state, with sums taken on amd64 with AVX2.
func TestRandomNetworksHaveTheSameBitsEverywhere(t *testing.T) {
	t.Parallel()
	const span, sums = 60_000, 16
	table := crc64.MakeTable(crc64.ECMA)
	var got bytes.Buffer
	for _, draw := range []func(uint64) Spec{stepped, stepless} {
		for seed := range uint64(sums) {
			spec := draw(seed)
			e := newEngine(t, spec, 2)
			var b []byte
			for _, s := range runCut(t, e, inputOf(spec, seed, span), span, 7000) {
				for i, at := range s.T {
					b = binary.LittleEndian.AppendUint64(b, uint64(at))
					for k := s.Offsets[i]; k < s.Offsets[i+1]; k++ {
						b = binary.LittleEndian.AppendUint32(b, s.IDs[k])
						if len(s.Values) > 0 {
							b = binary.LittleEndian.AppendUint32(b, math.Float32bits(s.Values[k]))
						}
					}
				}
			}
			fmt.Fprintf(&got, "%016x %016x\n", crc64.Checksum(b, table), crc64.Checksum(stateOf(t, e)[8:], table))
		}
	}
	golden := filepath.Join("testdata", "bits.txt")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	a, b := bytes.Split(got.Bytes(), []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range a {
		if i >= len(b) || !bytes.Equal(a[i], b[i]) {
			t.Errorf("network %d: sums %s, not as in %s; -update if it is meant to differ", i, a[i], golden)
		}
	}
}
