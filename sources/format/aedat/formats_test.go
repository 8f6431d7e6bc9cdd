package aedat

import (
	"testing"

	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

var kit = formattest.Kit{
	Formats: []format.Format{AEDAT1(), AEDAT2(), AEDAT3(), AEDAT4()},
	Samples: formattest.Samples(),
}

func TestFormats(t *testing.T) { formattest.Suite(t, kit) }

func FuzzAEDAT1(f *testing.F) { formattest.Fuzz(f, kit, "aedat1") }
func FuzzAEDAT2(f *testing.F) { formattest.Fuzz(f, kit, "aedat2") }
func FuzzAEDAT3(f *testing.F) { formattest.Fuzz(f, kit, "aedat3") }
func FuzzAEDAT4(f *testing.F) { formattest.Fuzz(f, kit, "aedat4") }

func BenchmarkDecode(b *testing.B) { formattest.BenchmarkDecode(b, kit) }
func BenchmarkEncode(b *testing.B) { formattest.BenchmarkEncode(b, kit) }

func BenchmarkDecodeReal(b *testing.B) {
	formattest.BenchmarkReal(b, kit, "aedat4/davis346.aedat4")
}

func BenchmarkDecodeUncompressed(b *testing.B) {
	formattest.Measure(b, kit, uncompressedAEDAT4(b, 1_000_000), "aedat4")
}
