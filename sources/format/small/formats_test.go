package small

import (
	"testing"

	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

var kit = formattest.Kit{
	Formats: []format.Format{DAT(), ES(), NMNIST(), BS1()},
	Samples: formattest.Samples(),
	Unnamed: []string{"bs1"},
}

func TestFormats(t *testing.T) { formattest.Suite(t, kit) }

func FuzzDAT(f *testing.F)    { formattest.Fuzz(f, kit, "dat") }
func FuzzES(f *testing.F)     { formattest.Fuzz(f, kit, "es") }
func FuzzNMNIST(f *testing.F) { formattest.Fuzz(f, kit, "nmnist") }
func FuzzBS1(f *testing.F)    { formattest.Fuzz(f, kit, "bs1") }

func BenchmarkDecode(b *testing.B) { formattest.BenchmarkDecode(b, kit) }
func BenchmarkEncode(b *testing.B) { formattest.BenchmarkEncode(b, kit) }

func BenchmarkDecodeReal(b *testing.B) {
	formattest.BenchmarkReal(b, kit, "dat/ncars.dat", "es/color.es", "nmnist/train/5/0001.bin")
}
