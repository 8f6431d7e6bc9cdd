package outfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Named is a file and what it is to the user, such as "sinks.0.path".
type Named struct{ What, Path string }

// Distinct refuses outputs that are one file with an input or with another
// output, whatever names lead there: links of both kinds are followed.
// Standard streams, pipes and devices may be shared.
func Distinct(outputs, inputs []Named) error {
	for i, out := range outputs {
		for _, in := range inputs {
			if same(out.Path, in.Path) {
				return fmt.Errorf("%s: %s is %s too, which writing would destroy", out.What, out.Path, in.What)
			}
		}
		for _, other := range outputs[:i] {
			if same(out.Path, other.Path) {
				return fmt.Errorf("%s: %s is written by %s already", out.What, out.Path, other.What)
			}
		}
	}
	return nil
}

// Outside refuses outputs that would replace a file in a folder of inputs, at any
// depth and by whatever name; the folder may hold files that are no inputs, which
// except tells.
func Outside(outputs, inputs []Named, except func(path string) bool) error {
	for _, out := range outputs {
		there, err := os.Stat(out.Path)
		if err != nil || !there.Mode().IsRegular() || except(out.Path) {
			continue
		}
		for _, in := range inputs {
			found := ""
			_ = filepath.WalkDir(in.Path, func(path string, d fs.DirEntry, err error) error { // what cannot be read is read by nobody
				if err != nil || d.IsDir() || path == in.Path {
					return nil
				}
				if info, err := os.Stat(path); err == nil && os.SameFile(there, info) {
					found = path
					return fs.SkipAll
				}
				return nil
			})
			if found != "" {
				return fmt.Errorf("%s: %s is %s in %s too, which writing would destroy", out.What, out.Path, found, in.What)
			}
		}
	}
	return nil
}

// Apart refuses folders that are written to by two, and files that lie in one:
// what is written there goes by names that nobody chose.
func Apart(folders, files []Named) error {
	for i, folder := range folders {
		for _, f := range files {
			if f.Path != "" && f.Path != "-" && real(filepath.Dir(real(f.Path))) == real(folder.Path) {
				return fmt.Errorf("%s: %s lies in the folder %s, where other files are written and replaced", f.What, f.Path, folder.Path)
			}
		}
		for _, other := range folders[:i] {
			if real(folder.Path) == real(other.Path) {
				return fmt.Errorf("%s: %s is written to by %s already; put {name} in the path", folder.What, folder.Path, other.What)
			}
		}
	}
	return nil
}

// same reports whether two paths lead to one regular file, or would if it were
// made.
func same(a, b string) bool {
	if a == "" || b == "" || a == "-" || b == "-" {
		return false
	}
	x, errA := os.Stat(a)
	y, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(x, y) && x.Mode().IsRegular()
	}
	return errA != nil && errB != nil && real(a) == real(b)
}

// real is a path without links, as far as it exists.
func real(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	for rest := ""; ; {
		if target, err := os.Readlink(path); err == nil { // a link to nothing yet
			if !filepath.IsAbs(target) {
				target = filepath.Join(filepath.Dir(path), target)
			}
			if len(rest) < 4096 && target != path {
				path = target
				if found, err := filepath.EvalSymlinks(path); err == nil {
					return filepath.Join(found, rest)
				}
			}
		}
		if found, err := filepath.EvalSymlinks(path); err == nil {
			return filepath.Join(found, rest)
		}
		parent := filepath.Dir(path)
		if parent == path {
			return filepath.Join(path, rest)
		}
		rest = filepath.Join(filepath.Base(path), rest)
		path = parent
	}
}
