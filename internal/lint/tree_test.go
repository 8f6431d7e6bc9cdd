package lint

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ganglion/internal/shareddata"
)

// source is a text file of the project.
type source struct {
	path string // from the top of the project, with slashes
	text string
}

// files returns the project's files with one of the endings, in order of path.
// What tools leave behind, and folders that hold data, are not part of it.
func files(t *testing.T, endings ...string) []source {
	t.Helper()
	top := shareddata.Project(t)
	var all []source
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != top && (name == ".git" || name == "out" || name == "node_modules" || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		for _, ending := range endings {
			if strings.HasSuffix(name, ending) {
				text, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				relative, err := filepath.Rel(top, path)
				if err != nil {
					return err
				}
				all = append(all, source{filepath.ToSlash(relative), string(text)})
				break
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// isTest reports whether a Go file is compiled into tests alone.
func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

// folder is the folder of a file, "." at the top.
func (s source) folder() string {
	if i := strings.LastIndexByte(s.path, '/'); i >= 0 {
		return s.path[:i]
	}
	return "."
}
