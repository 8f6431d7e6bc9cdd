package hdf5

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/network/nir/internal/h5py"
)

// TestWhatH5pyWritesIsReadAlike covers the kinds of layout, type, filter, link
// and attribute storage, for old and new file formats.
func TestWhatH5pyWritesIsReadAlike(t *testing.T) {
	dir := t.TempDir()
	h5py.Run(t, "make", dir)
	files, _ := filepath.Glob(filepath.Join(dir, "*.h5"))
	if len(files) != 6 {
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
			var skipped []string
			got := dump(open(t, b).Root(), func(path string, err error) {
				if !errors.Is(err, ErrUnsupported) {
					t.Error(path, err)
				}
				skipped = append(skipped, path)
			})
			// The format of HDF5 1.10 indexes what may grow without limit by an extensible array.
			if len(skipped) > 0 && !slices.Equal(skipped, []string{"/layouts/growing"}) {
				t.Errorf("skipped %v", skipped)
			}
			for _, path := range skipped {
				delete(want, path)
			}
			if len(want) < 780 {
				t.Errorf("h5py reads only %d arrays", len(want))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("read differently (-h5py +here):\n%.3000s", diff)
			}
		})
	}
}
