package ros

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"ganglion/sources/format"
	"ganglion/sources/format/evt"
	"ganglion/sources/format/formattest"
)

var kit = formattest.Kit{
	Formats: []format.Format{Bag(), DB3(), MCAP()},
	Samples: map[string]func(n int) []byte{"rosbag": formattest.Bag, "db3": formattest.DB3},
}

func TestFormats(t *testing.T) { formattest.Suite(t, kit) }

func FuzzBag(f *testing.F)  { formattest.Fuzz(f, kit, "rosbag") }
func FuzzDB3(f *testing.F)  { formattest.Fuzz(f, kit, "db3") }
func FuzzMCAP(f *testing.F) { formattest.Fuzz(f, kit, "mcap") }

func BenchmarkDecode(b *testing.B) { formattest.BenchmarkDecode(b, kit) }
func BenchmarkEncode(b *testing.B) { formattest.BenchmarkEncode(b, kit) }

// BenchmarkDecodeFile reads files, as a recording is read: each sample, and
// packets of evt3 beside the same words in a RAW file.
func BenchmarkDecodeFile(b *testing.B) {
	raw := formattest.Kit{Formats: []format.Format{evt.EVT3()}}
	for _, f := range append(kit.Formats, raw.Formats...) {
		k := kit
		if f.Name == "evt3" {
			k = raw
		}
		b.Run(f.Name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "recording")
			if err := os.WriteFile(path, k.Sample(b, f, 2_000_000), 0o600); err != nil {
				b.Fatal(err)
			}
			block, events, cpu := format.NewBlock(4096), 0, formattest.CPUSeconds()
			for b.Loop() {
				r, err := k.Open(path)
				for err == nil {
					err = r.Read(block)
					events += len(block.Events)
				}
				if !errors.Is(err, io.EOF) {
					b.Fatal(err)
				}
				if err := r.Close(); err != nil {
					b.Fatal(err)
				}
			}
			formattest.ReportRate(b, events, cpu)
		})
	}
}
