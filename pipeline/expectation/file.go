package expectation

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// unnamed are the fields that say which record of which run of which program a
// detection is. They are not compared.
var unnamed = []string{"stream", "schema_version", "config_hash", "run", "seq", "emit_delay_us", "time_unix_us", "model"}

// record is a detection as its JSON form has it: strings, numbers and null.
type record map[string]any

// Expected is a line of a file of expected detections.
type Expected struct {
	At     string // file and line
	record record
}

// longestLine bounds a line of a file, bytes.
const longestLine = 1 << 16

// Read reads a file of expected detections, one JSON object a line. Empty lines
// and lines that begin with # or // are left out; so are fields that are not
// compared.
func Read(path string) (list []Expected, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, longestLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 || line[0] == '#' || bytes.HasPrefix(line, []byte("//")) {
			continue
		}
		at := fmt.Sprintf("%s:%d", path, n)
		r, err := parse(line)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		list = append(list, Expected{at, r})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", path, len(list)+1, err)
	}
	return list, nil
}

func parse(line []byte) (record, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	r := record{}
	if err := d.Decode(&r); err != nil {
		return nil, fmt.Errorf("want one JSON object a line: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("want one JSON object a line, and nothing behind it")
	}
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	for name := range r {
		if !slices.Contains(names, name) {
			return nil, fmt.Errorf("a detection has no field %q%s", name, component.DidYouMean(name, names))
		}
	}
	r.trim()
	if r == nil || r["kind"] == nil {
		return nil, errors.New(`no "kind"`)
	}
	return r, nil
}

func (r record) trim() {
	for _, name := range unnamed {
		delete(r, name)
	}
}

func recordOf(d *pipeline.Detection) record {
	r := record{}
	decoder := json.NewDecoder(bytes.NewReader(d.AppendJSON(nil)))
	decoder.UseNumber()
	_ = decoder.Decode(&r) // what it wrote itself
	r.trim()
	return r
}

// String is the record as a line of a file, its fields in the order of the JSON form.
func (r record) String() string {
	var b strings.Builder
	for _, f := range fields {
		if v, ok := r[f.Name]; ok {
			fmt.Fprintf(&b, ",%q:%s", f.Name, text(v))
		}
	}
	return "{" + strings.TrimPrefix(b.String(), ",") + "}"
}

// brief tells which detection a record is: `keyword "yes" at 4870000 µs`.
func (r record) brief() string {
	s := fmt.Sprint(r["kind"])
	if label, ok := r["label"].(string); ok && label != "" {
		s += fmt.Sprintf(" %q", label)
	}
	if track, ok := r["track_id"]; ok {
		s += fmt.Sprintf(" of track %v", track)
	}
	if t, ok := r["t_us"]; ok {
		s += fmt.Sprintf(" at %v µs", t)
	}
	return s
}

// Write writes detections as a file that expects them, whole or not at all.
func Write(path string, got []pipeline.Detection) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return outfile.Replace(path, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		for i := range got {
			fmt.Fprintln(b, recordOf(&got[i]))
		}
		return b.Flush()
	})
}
