package hdf5

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/internal/h5py"
)

// TestEveryFixtureIsReadAsByH5py reads the files of the nir package and of the
// simulators.
func TestEveryFixtureIsReadAsByH5py(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob(filepath.Join(fixtures(t), "*", "*.ni[r]*"))
	if len(files) != 16 {
		t.Fatalf("%d files: %v", len(files), files)
	}
	dumps := h5py.Dump(t, files...)
	for i, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := dump(open(t, b).Root(), func(path string, err error) { t.Error(path, err) })
			want := normalise(t, dumps[i])
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("read differently (-h5py +here):\n%.3000s", diff)
			}
		})
	}
}
