package cmd

import (
	"fmt"
	"math"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"ganglion/pipeline/runner"
)

// A terminal narrower than wideTerminal gets a bar of narrowBar columns and no
// times, which fits into 40.
const (
	wideTerminal = 90
	narrowBar    = 8
)

// progressAfter is how long work may take before it shows progress.
const progressAfter = time.Second

// progress is a bar on a terminal, or nothing where there is none. It adds up
// what several pipelines report. It may be used from several goroutines.
type progress struct {
	out  *os.File  // nil: no terminal
	from time.Time // when the bar may be seen

	mu    sync.Mutex // for what follows
	bar   *progressbar.ProgressBar
	total int64 // of the bar
	parts []runner.Progress
}

func newProgress(out *os.File) *progress {
	p := &progress{from: time.Now().Add(progressAfter)}
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

// show draws the sum of the parts that have begun. Where a size is unknown it
// counts events or frames.
func (p *progress) show() {
	var done, size int64
	var events uint64
	unit := ""
	for _, part := range p.parts {
		switch {
		case unit == "" || part.Unit == "":
			unit += part.Unit
		case unit != part.Unit:
			unit = "events and frames"
		}
		done, size, events = done+part.Bytes, size+part.SizeBytes, events+part.Events
		if part.Events > 0 && part.SizeBytes == 0 {
			size = math.MinInt64 // and negative it stays
		}
	}
	if size < 0 {
		done, size = int64(events), -1
	}
	p.draw(done, size, size > 0, inUnits(events, unit))
}

// inUnits is a count with its unit, in four digits at most.
func inUnits(n uint64, unit string) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.2f G %s", float64(n)/1e9, unit)
	case n >= 1e6:
		return fmt.Sprintf("%.1f M %s", float64(n)/1e6, unit)
	case n >= 1e3:
		return fmt.Sprintf("%.0f k %s", float64(n)/1e3, unit)
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// set draws done of total, for work that is not a pipeline.
func (p *progress) set(done, total int64, what string) {
	if p.out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draw(done, total, false, what)
}

// draw makes the bar at the first call, so that its rate counts from there,
// and again when another pipeline begins and the total grows.
func (p *progress) draw(done, total int64, bytes bool, what string) {
	if p.bar == nil || p.total != total {
		p.total = total
		p.end() // the one before, which draws by itself while its total is unknown
		options := []progressbar.Option{
			progressbar.OptionSetWriter(late{p.out, p.from}),
			progressbar.OptionThrottle(100 * time.Millisecond),
			progressbar.OptionClearOnFinish(),
		}
		width, _, err := term.GetSize(int(p.out.Fd()))
		switch {
		case err == nil && width < wideTerminal:
			options = append(options, progressbar.OptionSetWidth(narrowBar), progressbar.OptionSetPredictTime(false),
				progressbar.OptionSetElapsedTime(false))
		case bytes:
			options = append(options, progressbar.OptionSetPredictTime(true), progressbar.OptionShowBytes(true))
		default:
			options = append(options, progressbar.OptionSetPredictTime(true), progressbar.OptionShowIts())
		}
		p.bar = progressbar.NewOptions64(total, options...)
	}
	p.bar.Set64(done) //nolint:errcheck // a bar that cannot be drawn is not a failure
	p.bar.Describe(what)
}

// finish removes the bar.
func (p *progress) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end()
}

func (p *progress) end() {
	if p.bar != nil {
		p.bar.Finish() //nolint:errcheck // as above
	}
}

// late keeps what is written before a time from the terminal.
type late struct {
	out  *os.File
	from time.Time
}

func (l late) Write(b []byte) (int, error) {
	if time.Now().Before(l.from) {
		return len(b), nil
	}
	return l.out.Write(b)
}
