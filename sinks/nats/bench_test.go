package nats

import (
	"fmt"
	"testing"

	"ganglion/sinks/nats/natstest"
)

// The client makes a copy of the header and the identity is a string.
func TestADetectionAllocatesLittle(t *testing.T) {
	s := open(t, config(natstest.StartServer(t).URL))
	const n = 256
	d := detections(0, n)
	write(t, s, d)
	if allocs := testing.AllocsPerRun(20, func() { write(t, s, d) }) / n; allocs > 5 {
		t.Errorf("%v allocations per detection", allocs)
	}
}

func BenchmarkWrite(b *testing.B) {
	server := natstest.StartServer(b, "-js", "-sd", b.TempDir())
	memory := storing(server.URL)
	memory.JetStream.Storage, memory.JetStream.Stream = "memory", "MEMORY"
	memory.Subject = "memory.{name}.{kind}"
	for _, c := range []struct {
		name   string
		config Config
	}{
		{"embedded", config(Embedded)}, {"server process", config(server.URL)},
		{"JetStream in memory", memory}, {"JetStream in files", storing(server.URL)},
	} {
		for _, n := range []int{1, 16, 256} {
			b.Run(fmt.Sprintf("%s/%d per write", c.name, n), func(b *testing.B) {
				s := open(b, c.config)
				d := detections(0, n)
				seq := uint64(0)
				b.ReportAllocs()
				for b.Loop() {
					for i := range d {
						d[i].Seq = seq
						seq++
					}
					write(b, s, d)
				}
				b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "detections/s")
			})
		}
	}
}
