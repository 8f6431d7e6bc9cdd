package cmd

import (
	"fmt"
	"io"
	"os"
	"time"

	"ganglion/network/train/bptt"
	"ganglion/network/train/spotting"
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
	fmt.Fprintf(p.log, "epoch %d of %d: loss %.3f, %.1f %% right, %v left\n", b.Epoch+1, b.Epochs, b.Loss, 100*b.Accuracy,
		left.Round(time.Second))
}

func (p *trainingProgress) finish() { p.bar.finish() }

// roundsProgress shows how far the rounds of a word's training have come: a bar
// on a terminal, and a line for every tenth epoch.
type roundsProgress struct {
	bar    *progress
	log    io.Writer
	rounds int
	round  int
	began  time.Time // of the round
	first  float64   // fraction done when it began
}

func newRoundsProgress(log io.Writer, rounds int) *roundsProgress {
	return &roundsProgress{bar: newProgress(os.Stderr), log: log, rounds: rounds, round: -1}
}

// at takes the progress after a batch.
func (p *roundsProgress) at(round int, r spotting.Round) {
	if round != p.round {
		p.round, p.began, p.first = round, time.Now(), float64(r.Epoch)/float64(r.Epochs)
	}
	p.bar.set(int64((round*r.Epochs+r.Epoch)*r.Total+r.Done), int64(p.rounds*r.Epochs*r.Total), fmt.Sprintf("loss %.3f", r.Loss))
	if r.Done < r.Total || (r.Epoch+1)%10 != 0 {
		return
	}
	left := time.Duration(float64(time.Since(p.began)) * (1 - r.Fraction()) / (r.Fraction() - p.first))
	fmt.Fprintf(p.log, "round %d of %d, epoch %d of %d: loss %.3f, %.1f %% of windows right, %.0f false accepts per hour in its own speech, "+
		"%v left\n", round+1, p.rounds, r.Epoch+1, r.Epochs, r.Loss, 100*r.Accuracy, max(r.Alarms, 0), left.Round(time.Second))
}
