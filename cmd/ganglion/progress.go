package main

import (
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"ganglion/pipeline/runner"
)

// progressAfter is how long work may take before it shows progress.
const progressAfter = time.Second

// progress is a bar on a terminal, or nothing where there is none. It adds up
// what several pipelines report. It may be used from several goroutines.
type progress struct {
	out   *os.File // nil: no terminal
	start time.Time

	mu    sync.Mutex // for what follows
	bar   *progressbar.ProgressBar
	parts []runner.Progress
}

func newProgress(out *os.File) *progress {
	p := &progress{start: time.Now()}
	if term.IsTerminal(int(out.Fd())) {
		p.out = out
	}
	return p
}

// of returns the callback of one pipeline.
func (p *progress) of(i int) func(runner.Progress) {
	if p.out == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.parts) <= i {
		p.parts = append(p.parts, runner.Progress{})
	}
	return func(part runner.Progress) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.parts[i] = part
		p.show()
	}
}

// show draws the sum of the parts. Where a size is unknown it counts events.
func (p *progress) show() {
	if time.Since(p.start) < progressAfter {
		return
	}
	var done, size int64
	var events uint64
	for _, part := range p.parts {
		done, events = done+part.Bytes, events+part.Events
		if part.SizeBytes == 0 || size < 0 {
			size = -1
		} else {
			size += part.SizeBytes
		}
	}
	if p.bar == nil {
		p.bar = newBar(p.out, size, size > 0)
	}
	if size < 0 {
		done = int64(events)
	}
	p.bar.Describe(fmt.Sprintf("%.1f M events", float64(events)/1e6))
	p.bar.Set64(done) //nolint:errcheck // a bar that cannot be drawn is no failure
}

// set draws done of total, for work that is not a pipeline.
func (p *progress) set(done, total int64, what string) {
	if p.out == nil || time.Since(p.start) < progressAfter {
		return
	}
	if p.bar == nil {
		p.bar = newBar(p.out, total, false)
	}
	p.bar.Describe(what)
	p.bar.Set64(done) //nolint:errcheck // as above
}

// finish removes the bar.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.Finish() //nolint:errcheck // as above
	}
}

func newBar(out *os.File, size int64, bytes bool) *progressbar.ProgressBar {
	return progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(out),
		progressbar.OptionShowBytes(bytes),
		progressbar.OptionShowIts(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(),
	)
}
