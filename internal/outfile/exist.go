package outfile

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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
		run = noRun
	}
	return fmt.Sprintf("%s-%s-%012d%s", strings.TrimSuffix(path, ext), run, first, ext)
}

// A NamedPart is a file that [Part] has named.
type NamedPart struct {
	Path  string
	Run   string
	First uint64
}

// Parts lists the parts of a path that are there, of all runs, by run and first
// number. With suffix it lists the files whose names have that behind a part's.
func Parts(path, suffix string) (found []NamedPart, err error) {
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	ext := filepath.Ext(path)
	stem := strings.TrimSuffix(filepath.Base(path), ext) + "-"
	for _, e := range entries {
		name, whole := strings.CutSuffix(e.Name(), ext+suffix)
		name, ours := strings.CutPrefix(name, stem)
		dash := strings.LastIndexByte(name, '-') // a run has dashes of its own
		if !ours || !whole || dash < 0 {
			continue
		}
		run, digits := name[:dash], name[dash+1:]
		first, err := strconv.ParseUint(digits, 10, 64)
		if err != nil || len(digits) < 12 {
			continue
		}
		if run == noRun {
			run = ""
		}
		found = append(found, NamedPart{filepath.Join(dir, e.Name()), run, first})
	}
	slices.SortStableFunc(found, func(a, b NamedPart) int {
		return cmp.Or(strings.Compare(a.Run, b.Run), cmp.Compare(a.First, b.First))
	})
	return found, nil
}

// noRun stands for the run of a file of a version before runs had names.
const noRun = "earlier"

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
