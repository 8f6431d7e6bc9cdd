package outfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// What becomes of a file that is there when a run begins, and holds the
// detections of another run.
const (
	OnRefuse  = "refuse"  // the run does not begin
	OnAppend  = "append"  // the file continues behind what it holds
	OnReplace = "replace" // the file begins again, and what it held is lost
	OnRotate  = "rotate"  // the file is renamed, and a new one begins
)

// ErrExists is what [OnRefuse] refuses with.
var ErrExists = errors.New("holds detections already, and on_exist is refuse")

// ErrForeign refuses a file that holds something else than a sink writes.
var ErrForeign = errors.New("holds something else than detections; on_exist: replace would overwrite it")

// Part is the name of a file that holds the detections of a run from a number
// on: out/motion.arrow gives out/motion-3f2a9c41d07be586-000000000500.arrow.
func Part(path, run string, first uint64) string {
	ext := filepath.Ext(path)
	if run == "" {
		run = "earlier" // a file of a version before runs had names
	}
	return fmt.Sprintf("%s-%s-%012d%s", strings.TrimSuffix(path, ext), run, first, ext)
}

// SetAside renames a file to the part that it is, or beside a part that is
// there already, and returns its new name.
func SetAside(path, run string, first uint64) (string, error) {
	return Rename(path, Part(path, run, first))
}

// Rename renames a file without replacing another: where the name is taken, a
// number goes before its extension. It returns the name that the file has got.
func Rename(path, part string) (string, error) {
	ext := filepath.Ext(part)
	stem := strings.TrimSuffix(part, ext)
	for n := 2; ; n++ {
		// A link fails where a rename would replace.
		switch err := os.Link(path, part); {
		case err == nil:
			return part, os.Remove(path)
		case errors.Is(err, fs.ErrExist):
			part = fmt.Sprintf("%s.%d%s", stem, n, ext)
			continue
		}
		if _, err := os.Lstat(part); err == nil {
			part = fmt.Sprintf("%s.%d%s", stem, n, ext)
			continue
		}
		return part, os.Rename(path, part) // where there are no hard links
	}
}

// ErrGone tells of an output that somebody removed or truncated while it was
// written.
var ErrGone = errors.New("the output went away while it was written")
