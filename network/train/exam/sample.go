package exam

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ganglion/network/nir"
	"ganglion/network/nir/nirnet"
)

// Sample is a labelled recording, or a part of one.
type Sample struct {
	Path     string
	Label    string
	From, To int64 // sensor time, µs; To 0 for the whole recording
	Index    int   // of NIRData's samples
}

// recordExt is the ending of NIRData.
const recordExt = ".nird"

// Find lists the samples in a folder or a list, in the order of their names.
// labels, if not empty, is a file of lines PATH,LABEL (or INDEX,LABEL for the
// samples of NIRData); paths are relative to the data or a file's base name.
func Find(data, labels string) ([]Sample, error) {
	given, err := readLabels(labels)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(data)
	if err != nil {
		return nil, err
	}
	var all []Sample
	switch {
	case info.IsDir():
		all, err = walk(data, given)
	case filepath.Ext(data) == recordExt:
		all, err = recorded(data, given)
	default:
		all, err = readList(data, given)
	}
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s: no labelled recordings", data)
	}
	return all, err
}

// readLabels reads PATH,LABEL lines; a heading is skipped where its first
// column is path, file, name or index.
func readLabels(file string) (map[string]string, error) {
	if file == "" {
		return nil, nil
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord, r.TrimLeadingSpace = -1, true
	all := map[string]string{}
	for line := 1; ; line++ {
		row, err := r.Read()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if len(row) != 2 {
			return nil, fmt.Errorf("%s, line %d: %d columns, want a path (or index) and a label", file, line, len(row))
		}
		if line == 1 && slices.Contains([]string{"path", "file", "name", "index"}, strings.ToLower(row[0])) {
			continue
		}
		all[filepath.ToSlash(row[0])] = row[1]
	}
}

// labelOf is what a file of labels says of a path below a folder.
func labelOf(given map[string]string, dir, path string) (string, bool) {
	below, err := filepath.Rel(dir, path)
	if err != nil {
		below = path
	}
	for _, key := range []string{filepath.ToSlash(below), filepath.ToSlash(path), filepath.Base(path),
		stem(filepath.Base(path))} {
		if label, ok := given[key]; ok {
			return label, true
		}
	}
	return "", false
}

// walk lists the recordings below a folder.
func walk(dir string, given map[string]string) (all []Sample, err error) {
	texts := textFolders{}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(d.Name(), ".") && path != dir:
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		case notRecordings[ending(path)] || packings[packing(path)] && filepath.Dir(path) == filepath.Clean(dir):
			_, named := labelOf(given, dir, path)
			if !named && (given != nil || filepath.Dir(path) == filepath.Clean(dir) || !texts.holds(path)) {
				return nil
			}
		}
		more, err := fileSamples(dir, path, given)
		all = append(all, more...)
		return err
	})
	return all, err
}

// notRecordings are the endings of files that lie beside recordings.
var notRecordings = map[string]bool{".csv": true, ".txt": true, ".md": true, ".json": true, ".jsonl": true, ".yaml": true, ".png": true,
	".pdf": true}

// packings are the endings of packed files: recordings in the folder of a class,
// but a whole data set beside such folders.
var packings = map[string]bool{".gz": true, ".gzip": true, ".zst": true, ".zstd": true, ".zip": true}

// packing is the last ending of a name, in lower case.
func packing(path string) string { return strings.ToLower(filepath.Ext(path)) }

// stem is a name without its ending and that of a packing.
func stem(path string) string {
	if packings[packing(path)] {
		path = strings.TrimSuffix(path, filepath.Ext(path))
	}
	return strings.TrimSuffix(path, filepath.Ext(path))
}

// ending is the ending of what is packed, or of the name; "" of an archive.
func ending(path string) string {
	if packings[packing(path)] {
		path = strings.TrimSuffix(path, filepath.Ext(path))
	}
	return packing(path)
}

// fileSamples are the samples of one recording: those that the labels beside it
// or the file of labels name, or the whole, with its folder's name.
func fileSamples(dir, path string, given map[string]string) ([]Sample, error) {
	if parts, err := gestures(path); err != nil || parts != nil {
		return parts, err
	}
	if filepath.Ext(path) == recordExt && given != nil {
		if _, named := labelOf(given, dir, path); !named {
			return recorded(path, given)
		}
	}
	label, ok := labelOf(given, dir, path)
	if given != nil && !ok {
		return nil, nil // a file of labels names what counts
	}
	if !ok {
		folder := filepath.Dir(path)
		if rel, err := filepath.Rel(dir, folder); err != nil || rel == "." {
			return nil, fmt.Errorf("%s: no label: it lies in no folder of a class, has no %s beside it, and no file of labels names it", path,
				filepath.Base(labelsBeside(path)))
		}
		label = filepath.Base(folder)
	}
	return []Sample{{Path: path, Label: label}}, nil
}

func labelsBeside(path string) string {
	return stem(path) + "_labels.csv"
}

// gestures reads the labels that lie beside a recording of DVS128 Gesture
// (Amir et al. 2017); nil without any.
func gestures(path string) ([]Sample, error) {
	file := labelsBeside(path)
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.TrimLeadingSpace = true
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var all []Sample
	for i, row := range rows {
		if len(row) < 3 {
			return nil, fmt.Errorf("%s, line %d: want class, start and end", file, i+1)
		}
		from, err1 := strconv.ParseInt(row[1], 10, 64)
		to, err2 := strconv.ParseInt(row[2], 10, 64)
		switch {
		case i == 0 && err1 != nil:
			continue // the heading
		case err1 != nil || err2 != nil || to <= from:
			return nil, fmt.Errorf("%s, line %d: from %q to %q µs", file, i+1, row[1], row[2])
		}
		all = append(all, Sample{Path: path, Label: row[0], From: from, To: to})
	}
	return all, nil
}

// recorded lists the samples of NIRData that a file of labels names.
func recorded(path string, given map[string]string) ([]Sample, error) {
	d, err := nir.ReadDataFile(path)
	if err != nil {
		return nil, err
	}
	var all []Sample
	for i := range nirnet.Samples(d) {
		label, ok := given[strconv.Itoa(i)]
		if !ok {
			return nil, fmt.Errorf("%s: no label for sample %d of %d: want a file of labels with lines INDEX,LABEL", path, i, nirnet.Samples(d))
		}
		all = append(all, Sample{Path: path, Label: label, Index: i})
	}
	return all, nil
}

// readList reads a list of recordings.
func readList(file string, given map[string]string) ([]Sample, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	dir := filepath.Dir(file)
	var all []Sample
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		path, label := splitLine(dir, line)
		more := []Sample{{Path: path, Label: label}}
		if label == "" {
			if more, err = fileSamples(dir, path, given); err != nil {
				return nil, fmt.Errorf("%s, line %d: %w", file, n, err)
			}
		}
		all = append(all, more...)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w: is it a list?", file, err)
	}
	return all, nil
}

// splitLine takes a line of a list into its path and label, if it has one: a
// path may hold spaces where it is a file as a whole.
func splitLine(dir, line string) (path, label string) {
	whole := under(dir, line)
	if _, err := os.Stat(whole); err == nil {
		return whole, ""
	}
	if at := strings.LastIndexAny(line, ",\t "); at > 0 {
		return under(dir, strings.TrimRight(line[:at], ", \t")), line[at+1:]
	}
	return whole, ""
}

func under(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func isData(path string) bool { return filepath.Ext(path) == recordExt }
