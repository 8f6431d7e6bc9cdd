package pipelinetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"ganglion/pipeline"
)

// SourceCase is a source under test.
type SourceCase struct {
	New func() (pipeline.Source, error) // fresh and unopened, always of the same input
	// Endless reports that the source does not reach io.EOF by itself, such as a
	// live one; the checks that read to the end are left out.
	Endless bool
}

// Source holds a source to its contract.
func Source(t *testing.T, c SourceCase) {
	t.Helper()
	checks := []check[SourceCase]{
		{"it closes without having been opened", closeUnopened},
		{"it closes without having been read", openAndClose},
		{"Read returns when its context ends", readCancelled},
	}
	if !c.Endless {
		checks = append(checks,
			check[SourceCase]{"windows ascend and hold their events", sourceOrder},
			check[SourceCase]{"two readings are equal", sourceRepeats})
	}
	run(t, c, checks)
}

func closeUnopened(c SourceCase) error {
	s, err := c.New()
	if err != nil {
		return err
	}
	return s.Close()
}

func openAndClose(c SourceCase) error {
	s, err := c.New()
	if err != nil {
		return err
	}
	_, err = s.Open(context.Background())
	return errors.Join(err, s.Close())
}

// readCancelled ends the context while Read may be waiting for input.
func readCancelled(c SourceCase) error {
	s, err := c.New()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if _, err := s.Open(ctx); err != nil {
		return errors.Join(err, s.Close())
	}
	done := make(chan error, 1)
	// The reading goroutine ends with the context.
	go func() {
		var b pipeline.Batch
		for {
			b.Reset()
			if err := s.Read(ctx, &b); err != nil {
				done <- err
				return
			}
		}
	}()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) && !errors.Is(err, io.EOF) {
		return errors.Join(fmt.Errorf("read ended with %w", err), s.Close())
	}
	return s.Close()
}

// readAll reads to the end and checks every batch.
func readAll(c SourceCase) (events []pipeline.Event, pcm []float32, err error) {
	s, err := c.New()
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	ctx := context.Background()
	if _, err := s.Open(ctx); err != nil {
		return nil, nil, err
	}
	var b pipeline.Batch
	var last *pipeline.Window
	for n := 0; ; n++ {
		b.Reset()
		switch err := s.Read(ctx, &b); {
		case errors.Is(err, io.EOF) && len(b.Events)+len(b.PCM) > 0:
			return nil, nil, errors.New("io.EOF came with a batch that holds something")
		case errors.Is(err, io.EOF):
			return events, pcm, nil
		case err != nil:
			return nil, nil, err
		}
		if err := inOrder(&b, last); err != nil {
			return nil, nil, fmt.Errorf("batch %d: %w", n, err)
		}
		events, pcm, last = append(events, b.Events...), append(pcm, b.PCM...), &pipeline.Window{Start: b.Start, End: b.End}
	}
}

func inOrder(b *pipeline.Batch, last *pipeline.Window) error {
	if b.End <= b.Start || last != nil && b.Start < last.End {
		return fmt.Errorf("window %v after %v", b.Window, last)
	}
	for i, e := range b.Events {
		if !b.Contains(e.T) || i > 0 && e.T < b.Events[i-1].T {
			return fmt.Errorf("event %d at %d µs is out of order in %v", i, e.T, b.Window)
		}
	}
	return nil
}

func sourceOrder(c SourceCase) error {
	_, _, err := readAll(c)
	return err
}

func sourceRepeats(c SourceCase) error {
	e1, p1, err := readAll(c)
	if err != nil {
		return err
	}
	e2, p2, err := readAll(c)
	return errors.Join(err, same("events", e1, e2), same("samples", p1, p2))
}
