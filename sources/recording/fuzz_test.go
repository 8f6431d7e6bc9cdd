package recording

import "testing"

// Each format has a fuzz target, seeded with recordings of our own making:
//
//	go test -fuzz FuzzEVT3 ./sources/recording

func FuzzEVT2(f *testing.F)        { fuzzFormat(f, "evt2") }
func FuzzEVT21(f *testing.F)       { fuzzFormat(f, "evt21") }
func FuzzEVT3(f *testing.F)        { fuzzFormat(f, "evt3") }
func FuzzEVT4(f *testing.F)        { fuzzFormat(f, "evt4") }
func FuzzDAT(f *testing.F)         { fuzzFormat(f, "dat") }
func FuzzES(f *testing.F)          { fuzzFormat(f, "es") }
func FuzzNMNIST(f *testing.F)      { fuzzFormat(f, "nmnist") }
func FuzzAEDAT1(f *testing.F)      { fuzzFormat(f, "aedat1") }
func FuzzAEDAT2(f *testing.F)      { fuzzFormat(f, "aedat2") }
func FuzzAEDAT3(f *testing.F)      { fuzzFormat(f, "aedat3") }
func FuzzAEDAT4(f *testing.F)      { fuzzFormat(f, "aedat4") }
func FuzzNPY(f *testing.F)         { fuzzFormat(f, "npy") }
func FuzzNPZ(f *testing.F)         { fuzzFormat(f, "npz") }
func FuzzArrow(f *testing.F)       { fuzzFormat(f, "arrow") }
func FuzzArrowStream(f *testing.F) { fuzzFormat(f, "arrow-stream") }
func FuzzBS1(f *testing.F)         { fuzzFormat(f, "bs1") }
func FuzzCSV(f *testing.F)         { fuzzFormat(f, "csv") }

// FuzzDetect feeds bytes of no declared format.
func FuzzDetect(f *testing.F) {
	for _, format := range Formats {
		f.Add(sample(f, format, 20))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := readBounded(data, ""); err != nil {
			t.Fatal(err)
		}
	})
}

func fuzzFormat(f *testing.F, name string) {
	format, err := ByName(name)
	if err != nil {
		f.Fatal(err)
	}
	for _, n := range []int{0, 1, 20, 300} {
		f.Add(sample(f, format, n))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := readBounded(data, name); err != nil {
			t.Fatal(err)
		}
	})
}
