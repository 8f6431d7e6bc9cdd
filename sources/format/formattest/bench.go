package formattest

import (
	"bytes"
	"errors"
	"io"
	"os"
	"testing"

	"ganglion/internal/shareddata"
	"ganglion/sources/format"
)

// Measure decodes a whole recording in memory to events, a block at a time, on
// one core, and reports events per second.
func Measure(b *testing.B, k Kit, data []byte, name string) {
	block := format.NewBlock(4096)
	events := 0
	b.SetBytes(int64(len(data)))
	cpu := CPUSeconds()
	for b.Loop() {
		r, err := k.NewReader(bytes.NewReader(data), "bytes", Options{Format: name})
		if err != nil {
			b.Fatal(err)
		}
		for err = r.Read(block); err == nil; err = r.Read(block) {
			events += len(block.Events)
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
	}
	ReportRate(b, events, cpu)
}

// ReportRate gives events per second of the wall clock and of processor time.
func ReportRate(b *testing.B, events int, cpu float64) {
	b.ReportMetric(float64(events)/b.Elapsed().Seconds()/1e6, "Mevents/s")
	if cpu = CPUSeconds() - cpu; cpu > 0 {
		b.ReportMetric(float64(events)/cpu/1e6, "Mevents/cpu-s")
	}
}

// BenchmarkDecode measures each format of the kit.
func BenchmarkDecode(b *testing.B, k Kit) {
	for _, f := range k.Formats {
		b.Run(f.Name, func(b *testing.B) { Measure(b, k, k.Sample(b, f, 1_000_000), f.Name) })
	}
}

// BenchmarkReal measures real recordings, which are not part of the project.
func BenchmarkReal(b *testing.B, k Kit, files ...string) {
	for _, file := range files {
		b.Run(file, func(b *testing.B) {
			data, err := os.ReadFile(shareddata.Path(b, "events", file))
			if err != nil {
				b.Fatal(err)
			}
			Measure(b, k, data, "")
		})
	}
}

// BenchmarkEncode measures each format of the kit that can be written.
func BenchmarkEncode(b *testing.B, k Kit) {
	for _, f := range k.Formats {
		if !f.Writable() {
			continue
		}
		b.Run(f.Name, func(b *testing.B) {
			events := Events(1_000_000)
			n, cpu := 0, CPUSeconds()
			for b.Loop() {
				w, err := format.NewWriter(DiscardFile{}, "discard", f, Info)
				if err != nil {
					b.Fatal(err)
				}
				if err := w.Write(events); err != nil {
					b.Fatal(err)
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
				n += len(events)
			}
			ReportRate(b, n, cpu)
		})
	}
}
