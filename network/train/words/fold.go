package words

import (
	"hash/fnv"
	"path/filepath"

	"ganglion/internal/random"
)

// Fold is the fold of a file, 0 to folds-1, by its name without folders: the
// same on every machine, whatever other files there are.
func Fold(path string, folds int) int {
	h := fnv.New64a()
	h.Write([]byte(filepath.Base(path)))
	return random.New(h.Sum64()).Below(0, folds)
}
