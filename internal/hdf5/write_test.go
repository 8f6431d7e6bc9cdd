package hdf5

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/h5py"
)

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	f := open(t, encode(t, sample()))
	got := dump(f.Root(), func(path string, err error) { t.Error(path, err) })
	want := map[string]h5py.Entry{
		"/@__type__":   {Type: "string", Shape: []int{}, Values: []string{"sample"}},
		"/@t_max":      {Type: "float64", Shape: []int{}, Values: []string{"0x1.8p+00"}},
		"/@n":          {Type: "int64", Shape: []int{2}, Values: []string{"-1", "1099511627776"}},
		"/version":     {Type: "string", Shape: []int{}, Values: []string{"1.0"}},
		"/texts":       {Type: "string", Shape: []int{2, 2}, Values: []string{"a", "", "ü", "lif1.w_rec"}},
		"/bools":       {Type: "bool", Shape: []int{3}, Values: []string{"1", "0", "1"}},
		"/empty":       {Type: "float32", Shape: []int{0, 3}, Values: []string{}},
		"/numbers/i8":  {Type: "int8", Shape: []int{2}, Values: []string{"-128", "127"}},
		"/numbers/i16": {Type: "int16", Shape: []int{2}, Values: []string{"-32768", "3"}},
		"/numbers/i32": {Type: "int32", Shape: []int{2}, Values: []string{"-5", "5"}},
		"/numbers/i64": {Type: "int64", Shape: []int{2}, Values: []string{"-4611686018427387904", "1"}},
		"/numbers/u8":  {Type: "uint8", Shape: []int{2}, Values: []string{"0", "255"}},
		"/numbers/u16": {Type: "uint16", Shape: []int{2}, Values: []string{"0", "65535"}},
		"/numbers/u32": {Type: "uint32", Shape: []int{2}, Values: []string{"0", "2147483648"}},
		"/numbers/u64": {Type: "uint64", Shape: []int{2}, Values: []string{"0", "4611686018427387904"}},
		"/numbers/f32": {Type: "float32", Shape: []int{3}, Values: []string{"0x1.99999ap-04", "-0x1p+00", "0x1.c363ccp+127"}},
		"/numbers/f64": {Type: "float64", Shape: []int{}, Values: []string{"0x1.999999999999ap-04"}},
	}
	packed := got["/packed"]
	delete(got, "/packed")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if len(packed.Values) != 4200 || packed.Values[4199] != "0x1p+02" {
		t.Errorf("packed ends %v of %d", packed.Values[len(packed.Values)-1], len(packed.Values))
	}
	d, err := f.Root().Dataset("packed")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"deflate (1)"}, d.filters()); diff != "" {
		t.Error(diff)
	}
}

func TestValuesComeInTheTypeAskedFor(t *testing.T) {
	t.Parallel()
	r := open(t, encode(t, sample())).Root()
	numbers, err := r.Group("numbers")
	if err != nil {
		t.Fatal(err)
	}
	if !r.Has("version") || r.Has("versions") {
		t.Error("members are mistaken")
	}
	f32, err := numbers.Dataset("f32")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := f32.Float32s(); err != nil || f32.Len() != 3 || v[0] != 0.1 {
		t.Errorf("float32: %v, %v", v, err)
	}
	bools, err := r.Dataset("bools")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := bools.Bools(); err != nil || !v[0] || v[1] || !v[2] {
		t.Errorf("bools: %v, %v", v, err)
	}
	big, err := numbers.Dataset("u64")
	if err != nil {
		t.Fatal(err)
	}
	if v, err := big.Float64s(); !errors.Is(err, ErrType) && v[1] != 1<<62 {
		t.Errorf("2 to the 62 as a float64: %v, %v", v, err)
	}
}

func TestTheSameContentGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	if !bytes.Equal(encode(t, sample()), encode(t, sample())) {
		t.Error("two files of the same content differ")
	}
}

func TestWhatHDF5CannotHoldIsRefusedWithItsPath(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		build func(g *GroupWriter)
		want  string
	}{
		"a name with a slash":        {func(g *GroupWriter) { g.Put("a/b", Numbers(nil, []int8{1})) }, `"a/b"`},
		"an empty name":              {func(g *GroupWriter) { g.Group("x").Group("") }, "/x"},
		"a name used twice":          {func(g *GroupWriter) { g.Group("x"); g.Group("x") }, "/x: written twice"},
		"too few values":             {func(g *GroupWriter) { g.Put("v", Numbers([]int{3}, []int8{1})) }, "/v: 1 values"},
		"a negative dimension":       {func(g *GroupWriter) { g.Put("v", Numbers([]int{-1}, []int8{1})) }, "/v: shape"},
		"a string with a NUL":        {func(g *GroupWriter) { g.Put("v", Strings(nil, []string{"a\x00"})) }, "NUL"},
		"an attribute above 64 KiB":  {func(g *GroupWriter) { g.Attr("v", Numbers([]int{9000}, make([]float64, 9000))) }, "@v"},
		"an attribute without shape": {func(g *GroupWriter) { g.Attr("v", Numbers([]int{2}, []int8{1})) }, "@v"},
	} {
		t.Run(name, func(t *testing.T) {
			w := NewWriter(0)
			c.build(w.Root())
			_, err := w.WriteTo(&bytes.Buffer{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want something with %q", err, c.want)
			}
		})
	}
}

func TestH5pyReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	b := encode(t, sample())
	file := filepath.Join(t.TempDir(), "sample.h5")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	want := dump(open(t, b).Root(), func(path string, err error) { t.Error(path, err) })
	got := normalise(t, h5py.Dump(t, file)[0])
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("h5py reads (-want +got):\n%s", diff)
	}
}
