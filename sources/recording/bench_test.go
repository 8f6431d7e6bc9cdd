package recording

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/aedat"
)

// denseVectors is an EVT3 recording in which whole rows fire, as in a flicker
// or a fast pan: half of the columns of each group.
func denseVectors(tb testing.TB, n int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	events := make([]pipeline.Event, 0, n+1280)
	for t := int64(0); len(events) < n; t += 3 {
		y, p := uint16(r.IntN(720)), uint8(r.IntN(2))
		for x := uint16(0); x < 1280; x++ {
			if r.IntN(2) == 0 {
				events = append(events, pipeline.Event{T: t, X: x, Y: y, P: p})
			}
		}
	}
	return encode(tb, "evt3", format.Info{Width: 1280, Height: 720}, &format.Block{Events: events})
}

// benchmarkDecode measures a whole recording in memory to events, a block at a
// time, on one core.
func benchmarkDecode(b *testing.B, data []byte, format string) {
	block := format.NewBlock(4096)
	events := 0
	b.SetBytes(int64(len(data)))
	cpu := cpuSeconds()
	for b.Loop() {
		r, err := NewReader(bytes.NewReader(data), "bytes", Options{Format: format})
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
	reportRate(b, events, cpu)
}

// reportRate gives events per second of the wall clock and of processor time.
func reportRate(b *testing.B, events int, cpu float64) {
	b.ReportMetric(float64(events)/b.Elapsed().Seconds()/1e6, "Mevents/s")
	if cpu = cpuSeconds() - cpu; cpu > 0 {
		b.ReportMetric(float64(events)/cpu/1e6, "Mevents/cpu-s")
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, f := range Formats {
		b.Run(f.Name, func(b *testing.B) { benchmarkDecode(b, sample(b, f, 1_000_000), f.Name) })
	}
	b.Run("aedat4-none", func(b *testing.B) { benchmarkDecode(b, aedat.UncompressedAEDAT4(b, 1_000_000), "aedat4") })
	b.Run("evt3-vectors", func(b *testing.B) { benchmarkDecode(b, denseVectors(b, 2_000_000), "evt3") })
}

func BenchmarkDecodeReal(b *testing.B) {
	for _, file := range []string{"evt2/spinner.raw", "evt3/dense.raw", "evt3/pedestrians.raw", "evt3/triggers.raw", "dat/ncars.dat", "es/color.es", "aedat4/davis346.aedat4", "nmnist/train/5/0001.bin"} {
		b.Run(file, func(b *testing.B) {
			data, err := os.ReadFile(filepath.Join(dataDir(b), "events", file))
			if err != nil {
				b.Fatal(err)
			}
			benchmarkDecode(b, data, "")
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, f := range Formats {
		if !f.Writable() {
			continue
		}
		b.Run(f.Name, func(b *testing.B) {
			events := sampleEvents(1_000_000)
			n, cpu := 0, cpuSeconds()
			for b.Loop() {
				w, err := NewWriter(discardFile{}, "discard", f.Name, sampleInfo)
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
			reportRate(b, n, cpu)
		})
	}
}
