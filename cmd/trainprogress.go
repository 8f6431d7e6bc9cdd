package cmd

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"ganglion/network/train/bptt"
	"ganglion/pipeline/state"
)

// trainingProgress shows how far a training has come: a bar on a terminal, and
// a line for every epoch.
type trainingProgress struct {
	bar   *progress
	log   io.Writer
	now   func() time.Time
	begin time.Time
	first float64 // fraction done when it began
	begun bool
}

func newTrainingProgress(terminal *os.File, log io.Writer, now func() time.Time) *trainingProgress {
	return &trainingProgress{bar: newProgress(terminal), log: log, now: now, begin: now()}
}

// at takes the progress after a batch.
func (p *trainingProgress) at(b bptt.Progress) {
	if !p.begun {
		p.begun, p.first = true, float64(b.Epoch)/float64(b.Epochs)
	}
	p.bar.set(int64(b.Epoch*b.Total+b.Done), int64(b.Epochs*b.Total), fmt.Sprintf("loss %.3f", b.Loss))
}

// epoch takes the end of an epoch.
func (p *trainingProgress) epoch(b bptt.Progress) {
	left := time.Duration(0)
	if done := b.Fraction() - p.first; done > 0 {
		left = time.Duration(float64(p.now().Sub(p.begin)) * (1 - b.Fraction()) / done)
	}
	fmt.Fprintf(p.log, "epoch %d of %d: loss %.3f, %.1f %% right, %v left\n", b.Epoch+1, b.Epochs, b.Loss, 100*b.Accuracy, left.Round(time.Second))
}

func (p *trainingProgress) finish() { p.bar.finish() }

// trainingCheckpoint is a file that a training goes on from. It belongs to one
// command line.
type trainingCheckpoint struct {
	path string
	sum  [sha256.Size]byte // of the command
}

func newTrainingCheckpoint(path, command string) trainingCheckpoint {
	return trainingCheckpoint{path, sha256.Sum256([]byte(command))}
}

// checkpointMagic names the format and its version.
const checkpointMagic = "ganglion training 1\n"

// write puts the trainer's state into the file, whole or not at all.
func (c trainingCheckpoint) write(t *bptt.Trainer) error {
	s, err := t.AppendState(nil)
	if err != nil {
		return err
	}
	b := append([]byte(checkpointMagic), c.sum[:]...)
	b = state.AppendBytes(b, s)
	sum := sha256.Sum256(b)
	b = append(b, sum[:]...)
	file, err := os.CreateTemp(filepath.Dir(c.path), filepath.Base(c.path)+".*")
	if err != nil {
		return err
	}
	_, err = file.Write(b)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), c.path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// read restores a trainer from the file.
func (c trainingCheckpoint) read(t *bptt.Trainer) error {
	b, err := os.ReadFile(c.path)
	if err != nil {
		return err
	}
	head, n := len(checkpointMagic)+sha256.Size, len(b)-sha256.Size
	if n < head || string(b[:len(checkpointMagic)]) != checkpointMagic || sha256.Sum256(b[:n]) != [sha256.Size]byte(b[n:]) {
		return fmt.Errorf("%s: not a whole checkpoint of a training", c.path)
	}
	if [sha256.Size]byte(b[len(checkpointMagic):head]) != c.sum {
		return fmt.Errorf("%s: the checkpoint of another command: give the same flags, or leave --resume out", c.path)
	}
	r := state.NewReader(b[head:n])
	if err := errors.Join(t.RestoreState(r.Bytes()), r.Close()); err != nil {
		return fmt.Errorf("%s: %w", c.path, err)
	}
	return nil
}
