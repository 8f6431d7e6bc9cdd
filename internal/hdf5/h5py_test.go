package hdf5

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/h5py"
)

func TestWhatH5pyWrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	h5py.Run(t, "make", dir)
	t.Run("is read alike", func(t *testing.T) { readAlike(t, dir) })
	t.Run("or is refused by name", func(t *testing.T) { refused(t, dir) })
}

// readAlike covers the kinds of layout, type, filter, link and attribute
// storage, for old and new file formats.
func readAlike(t *testing.T, dir string) {
	files, _ := filepath.Glob(filepath.Join(dir, "*.h5"))
	files = slices.DeleteFunc(files, func(f string) bool { return filepath.Base(f) == "refused.h5" })
	if len(files) < 6 {
		t.Fatalf("h5py made %v", files)
	}
	dumps := h5py.Dump(t, files...)
	for i, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := normalise(t, dumps[i])
			got := dump(open(t, b).Root(), func(path string, err error) { t.Error(path, err) })
			compareRows(t, open(t, b).Root())
			if blosc := filepath.Base(file) == "blosc.h5"; !blosc && len(want) < 430 || len(want) < 78 {
				t.Errorf("h5py reads only %d arrays", len(want))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("read differently (-h5py +here):\n%.3000s", diff)
			}
		})
	}
}

// refused covers what h5py can write and this package does not read.
func refused(t *testing.T, dir string) {
	b, err := os.ReadFile(filepath.Join(dir, "refused.h5"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	dump(open(t, b).Root(), func(path string, err error) {
		if !errors.Is(err, ErrUnsupported) {
			t.Error(err)
		}
		_, reason, _ := strings.Cut(err.Error(), "not supported: ")
		got[strings.ReplaceAll(path, "//", "/")] = reason
	})
	want := map[string]string{
		"/sequence":          "datatype class variable-length sequence",
		"/reference":         "datatype class reference (7)",
		"/committed":         "a committed datatype",
		"/of committed type": "shared header message 0x3 (committed datatype)",
		"/soft":              "soft link",
		"/external":          "external link",
		"/opaque":            "datatype class opaque (5)",
		"/array":             "datatype class array (10)",
		"/@array":            "datatype class array (10)",
		"/scaleoffset":       "filter scaleoffset (6) for values of type int64",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}
