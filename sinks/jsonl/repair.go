package jsonl

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"ganglion/internal/outfile"
)

// Repair removes a last line that a killed process has left unfinished, of JSON
// lines or of CSV (.csv), and reports how many bytes that were.
func Repair(path string) (cut int64, err error) {
	f, err := outfile.Open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	kind := jsonLines
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		kind = csvLines
	}
	b, err := newBackward(f, info.Size(), kind)
	if err == nil {
		err = b.dropTorn()
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	if cut = info.Size() - b.end; cut == 0 {
		return 0, nil
	}
	if err := f.Truncate(b.end); err != nil {
		return 0, err
	}
	return cut, f.Sync()
}
