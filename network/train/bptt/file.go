package bptt

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"ganglion/internal/outfile"
	"ganglion/pipeline/state"
)

// File is where a training is saved after an epoch, to resume from there. It
// belongs to one command line.
type File struct {
	path string
	sum  [sha256.Size]byte // of the command
}

// NewFile names the file of a command's training.
func NewFile(path, command string) File { return File{path, sha256.Sum256([]byte(command))} }

// State is what can be saved in a [File]: a [Trainer], and what learns beside
// it.
type State = state.Stateful

// fileMagic names the format and its version.
const fileMagic = "ganglion training 2\n"

// Save puts states into the file, whole or not at all.
func (f File) Save(states ...State) error {
	b := append([]byte(fileMagic), f.sum[:]...)
	b, err := state.Append(b, all(states))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(b)
	return outfile.Replace(f.path, func(w io.Writer) error {
		_, err := w.Write(append(b, sum[:]...))
		return err
	})
}

// Restore restores the states that [File.Save] was given.
func (f File) Restore(states ...State) error {
	b, err := os.ReadFile(f.path)
	if err != nil {
		return err
	}
	head, n := len(fileMagic)+sha256.Size, len(b)-sha256.Size
	if n < head || string(b[:len(fileMagic)]) != fileMagic || sha256.Sum256(b[:n]) != [sha256.Size]byte(b[n:]) {
		return fmt.Errorf("%s: not a whole checkpoint of a training", f.path)
	}
	if [sha256.Size]byte(b[len(fileMagic):head]) != f.sum {
		return fmt.Errorf("%s: the checkpoint of another command: give the same flags, or leave --resume out", f.path)
	}
	if err := state.Restore(b[head:n], all(states)); err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	return nil
}

func all(states []State) func(*state.Codec) {
	return func(c *state.Codec) {
		for _, s := range states {
			c.Nested("training", s)
		}
	}
}

// Watch is told how a training continues. Both may be nil.
type Watch struct {
	Batch func(Progress) // after every batch
	Epoch func(Progress) // after every epoch, before it is saved
}

// Train takes the trainer through all its epochs and saves it after each; with
// resume it continues from what was saved, as if it had never stopped.
func (f File) Train(ctx context.Context, t *Trainer, task Task, resume bool, watch Watch) error {
	if resume {
		if err := f.Restore(t); err != nil {
			return err
		}
	}
	for t.Epochs() < t.c.Epochs {
		if _, err := t.Epoch(ctx, task, watch.Batch); err != nil {
			return err
		}
		if watch.Epoch != nil {
			watch.Epoch(t.Last())
		}
		if err := f.Save(t); err != nil {
			return err
		}
	}
	return nil
}

// Exists reports whether the file is there.
func (f File) Exists() bool {
	_, err := os.Stat(f.path)
	return err == nil
}

// Remove removes the file, if there is one.
func (f File) Remove() error {
	if err := os.Remove(f.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
