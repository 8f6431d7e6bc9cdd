package h5

import (
	"testing"

	"ganglion/sources/format"
	"ganglion/sources/format/formattest"
)

var kit = formattest.Kit{Formats: []format.Format{HDF5(), ECF(), Prophesee()}}

func TestFormats(t *testing.T) { formattest.Suite(t, kit) }

func FuzzHDF5(f *testing.F)      { formattest.Fuzz(f, kit, "hdf5") }
func FuzzECF(f *testing.F)       { formattest.Fuzz(f, kit, "hdf5-ecf") }
func FuzzProphesee(f *testing.F) { formattest.Fuzz(f, kit, "hdf5-prophesee") }

func BenchmarkDecode(b *testing.B) { formattest.BenchmarkDecode(b, kit) }
func BenchmarkEncode(b *testing.B) { formattest.BenchmarkEncode(b, kit) }
