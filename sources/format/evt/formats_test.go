package evt

import (
	"testing"

	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

var kit = formattest.Kit{
	Formats: []format.Format{EVT2(), EVT21(), EVT3(), EVT4()},
	Samples: formattest.Samples(),
}

func TestFormats(t *testing.T) { formattest.Suite(t, kit) }

func FuzzEVT2(f *testing.F)  { formattest.Fuzz(f, kit, "evt2") }
func FuzzEVT21(f *testing.F) { formattest.Fuzz(f, kit, "evt21") }
func FuzzEVT3(f *testing.F)  { formattest.Fuzz(f, kit, "evt3") }
func FuzzEVT4(f *testing.F)  { formattest.Fuzz(f, kit, "evt4") }

func BenchmarkDecode(b *testing.B) { formattest.BenchmarkDecode(b, kit) }
func BenchmarkDecodeVectors(b *testing.B) {
	data := kit.Encode(b, "evt3", formattest.DenseInfo, &format.Block{Events: formattest.DenseEvents(2_000_000)})
	formattest.Measure(b, kit, data, "evt3")
}

func BenchmarkEncode(b *testing.B) { formattest.BenchmarkEncode(b, kit) }

func BenchmarkDecodeReal(b *testing.B) {
	formattest.BenchmarkReal(b, kit, "evt2/spinner.raw", "evt3/dense.raw", "evt3/pedestrians.raw", "evt3/triggers.raw")
}
