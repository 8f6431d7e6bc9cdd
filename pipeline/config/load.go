package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// maxFileSize bounds what is read of one file.
const maxFileSize = 1 << 20

// Load reads the pipelines of files and folders. A folder stands for its files
// *.yaml and *.yml in the order of their names. Faults of the content come back
// together as lineErrors.
func Load(paths []string, o Options) ([]*Pipeline, error) {
	var pipelines []*Pipeline
	var errs lineErrors
	for _, path := range paths {
		files, err := Files(path)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			data, err := readFile(file)
			if err != nil {
				return nil, err
			}
			found, faults := parse(file, data, o)
			pipelines, errs = append(pipelines, found...), append(errs, faults...)
		}
	}
	errs = append(errs, sameNames(pipelines)...)
	if len(errs) > 0 {
		return nil, errs.sort()
	}
	return pipelines, nil
}

// Parse reads the pipelines of one file's content.
func Parse(file string, data []byte, o Options) ([]*Pipeline, error) {
	pipelines, errs := parse(file, data, o)
	if errs = append(errs, sameNames(pipelines)...); len(errs) > 0 {
		return nil, errs.sort()
	}
	return pipelines, nil
}

// Files lists the files that a path of [Load] stands for.
func Files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, plainError(path, err)
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, plainError(path, err)
	}
	var files []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
			files = append(files, filepath.Join(path, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: no .yaml file in this folder", path)
	}
	return files, nil
}

func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, plainError(file, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, plainError(file, err)
	}
	if len(data) > maxFileSize {
		return nil, fmt.Errorf("%s: larger than %d bytes, this is not a configuration", file, maxFileSize)
	}
	return data, nil
}

// plainError puts the path first and drops the system call's name.
func plainError(path string, err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

func parse(file string, data []byte, o Options) ([]*Pipeline, lineErrors) {
	trees, errs := parseTrees(file, data)
	if len(trees) == 0 && len(errs) == 0 {
		return nil, lineErrors{{Origin: origin{File: file}, Cause: "holds no pipeline"}}
	}
	var pipelines []*Pipeline
	for _, root := range trees {
		if o.Only != "" && !root.isNamed(o.Only) {
			continue
		}
		b := builder{options: o, root: root}
		p := b.pipeline(file)
		errs = append(errs, b.errs...)
		pipelines = append(pipelines, p)
	}
	return pipelines, errs
}

func (n *node) isNamed(name string) bool {
	e := n.get("name")
	return e != nil && e.node.value == name
}

func sameNames(pipelines []*Pipeline) lineErrors {
	var errs lineErrors
	for i, p := range pipelines {
		first := slices.IndexFunc(pipelines, func(q *Pipeline) bool { return q.Name == p.Name })
		if first < i && p.Name != "" {
			errs = append(errs, &lineError{p.root.get("name").node.origin, "name",
				fmt.Sprintf("%q is taken by the pipeline at %s", p.Name, pipelines[first].root.origin)})
		}
	}
	return errs
}
