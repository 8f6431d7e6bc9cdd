package checkpoint

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ganglion/internal/outfile"
)

// kept is how many snapshots a store keeps: the newest, and the one before it
// should the disk damage the newest.
const kept = 2

const (
	extension  = ".snapshot"
	unfinished = ".tmp"
	held       = ".lock"
)

// Store is the folder with the snapshots of one pipeline. Several pipelines
// may share a folder, under names of their own; the store of each belongs to
// one run at a time, whatever process that is in.
type Store struct {
	dir, name string
	hold      *outfile.Hold
}

// NewStore makes the folder if it is missing, and takes the pipeline's part of
// it until Close.
func NewStore(dir, pipeline string) (Store, error) {
	h, err := outfile.NewHold(filepath.Join(dir, pipeline+held))
	if err != nil {
		return Store{}, fmt.Errorf("checkpoint: %w", err)
	}
	return Store{dir, pipeline, h}, nil
}

// Close lets go of the store.
func (s Store) Close() error { return s.hold.Release() }

// Save writes a snapshot, taken after so many batches of the stream, and
// removes all but the last two. A process that dies meanwhile, or a machine,
// leaves the snapshot whole or not at all.
func (s Store) Save(batches uint64, snapshot []byte) error {
	path := filepath.Join(s.dir, fmt.Sprintf("%s-%020d%s", s.name, batches, extension))
	draft := filepath.Join(s.dir, s.name+extension+unfinished)
	err := os.WriteFile(draft, snapshot, 0o666)
	if err == nil {
		err = outfile.Settle(draft, path)
	}
	if err != nil { // on a full disk the draft would keep what is written there next from its room
		return fmt.Errorf("checkpoint: %w", errors.Join(err, outfile.Remove(draft)))
	}
	files, err := s.files()
	if err != nil {
		return err
	}
	return remove(files[:max(0, len(files)-kept)])
}

// Load returns the newest snapshot that is sound, or nil when there is none at
// all. Each damaged one is logged; when no other is left, it is the error.
func (s Store) Load(log *slog.Logger) (*Snapshot, error) {
	files, err := s.files()
	if err != nil {
		return nil, err
	}
	var failure error
	for _, path := range slices.Backward(files) {
		snapshot, err := read(path)
		if err == nil {
			return snapshot, nil
		}
		failure = errors.Join(failure, err)
		log.Warn("a snapshot cannot be used; trying the one before", "error", err)
	}
	return nil, failure
}

// Clear removes every snapshot: a run that begins again has no use for those of
// an earlier one.
func (s Store) Clear() error {
	files, err := s.files()
	if err != nil {
		return err
	}
	return remove(files)
}

// files lists the snapshots, oldest first.
func (s Store) files() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	var files []string
	for _, e := range entries { // in order of name, which is the order of batches
		number, ours := strings.CutPrefix(e.Name(), s.name+"-")
		number, whole := strings.CutSuffix(number, extension)
		if ours && whole && len(number) == 20 && strings.Trim(number, "0123456789") == "" {
			files = append(files, filepath.Join(s.dir, e.Name()))
		}
	}
	return files, nil
}

func read(path string) (*Snapshot, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	snapshot, err := Decode(b)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	return snapshot, nil
}

func remove(files []string) error {
	var errs []error
	for _, path := range files {
		if err := outfile.Remove(path); err != nil {
			errs = append(errs, fmt.Errorf("checkpoint: %w", err))
		}
	}
	return errors.Join(errs...)
}
