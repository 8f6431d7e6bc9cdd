package table

import (
	"testing"

	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

var kit = formattest.Kit{
	Formats: []format.Format{NPY(), NPZ(), MAT(), Arrow(), ArrowStream(), CSV()},
	Samples: formattest.Samples(),
}

func TestFormats(t *testing.T) { formattest.Suite(t, kit) }

func FuzzNPY(f *testing.F)         { formattest.Fuzz(f, kit, "npy") }
func FuzzNPZ(f *testing.F)         { formattest.Fuzz(f, kit, "npz") }
func FuzzMAT(f *testing.F)         { formattest.Fuzz(f, kit, "mat") }
func FuzzArrow(f *testing.F)       { formattest.Fuzz(f, kit, "arrow") }
func FuzzArrowStream(f *testing.F) { formattest.Fuzz(f, kit, "arrow-stream") }
func FuzzCSV(f *testing.F)         { formattest.Fuzz(f, kit, "csv") }

func BenchmarkDecode(b *testing.B) { formattest.BenchmarkDecode(b, kit) }
func BenchmarkEncode(b *testing.B) { formattest.BenchmarkEncode(b, kit) }
