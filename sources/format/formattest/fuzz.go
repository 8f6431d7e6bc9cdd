package formattest

import "testing"

// Fuzz feeds a format bytes that begin as recordings of it: reading ends, and
// takes memory in proportion. The format's own folder holds the seeds.
func Fuzz(f *testing.F, k Kit, name string) {
	format, err := k.Find(name)
	if err != nil {
		f.Fatal(err)
	}
	for _, n := range []int{0, 1, 20, 300} {
		f.Add(k.Sample(f, format, n))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := ReadBounded(k, data, name); err != nil {
			t.Fatal(err)
		}
	})
}
