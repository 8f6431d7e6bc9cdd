package h5

import (
	"errors"
	"io"
	"os"
	"testing"

	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

// BenchmarkDecodeFile measures the file that GANGLION_HDF5 names, read from
// the disk's cache.
func BenchmarkDecodeFile(b *testing.B) {
	path := os.Getenv("GANGLION_HDF5")
	if path == "" {
		b.Skip("GANGLION_HDF5 names no file")
	}
	block, events, cpu := format.NewBlock(4096), 0, formattest.CPUSeconds()
	for b.Loop() {
		r, err := kit.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		for err = r.Read(block); err == nil; err = r.Read(block) {
			events += len(block.Events)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
	}
	formattest.ReportRate(b, events, cpu)
}
