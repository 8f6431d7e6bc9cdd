package keyword

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestScripts drives the detector by the scripts in testdata: a command, and what
// is detected. `go test -run Scripts -rewrite` writes the results again.
//
//	words [cooldown=] [wait=] name=threshold...
//	    A detector, its times in steps; it begins at step 0.
//	steps
//	    A step for each line of its input: the posteriors of the words in order,
//	    and "shut" where the gate is; "x5" stands for so many steps.
//	end
//	    The end of the stream.
func TestScripts(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, filepath.Join("testdata", "script"), func(t *testing.T, path string) {
		s := &script{}
		datadriven.RunTest(t, path, s.run)
	})
}

type script struct {
	detector
	names []string
	n     int64 // the next step
}

func (s *script) run(t *testing.T, d *datadriven.TestData) string {
	switch d.Cmd {
	case "words":
		var cooldown, wait int64
		var words []Word
		for _, a := range d.CmdArgs {
			switch a.Key {
			case "cooldown":
				a.Scan(t, 0, &cooldown)
			case "wait":
				a.Scan(t, 0, &wait)
			default:
				w := Word{Label: a.Key}
				a.Scan(t, 0, &w.Threshold)
				words = append(words, w)
			}
		}
		*s = script{detector: newDetector(words, cooldown, wait)}
		for _, w := range words {
			s.names = append(s.names, w.Label)
		}
		return ""
	case "steps":
		var out strings.Builder
		for line := range strings.Lines(d.Input) {
			s.steps(t, strings.Fields(line), &out)
		}
		return out.String()
	case "end":
		if c, ok := s.pending(); ok {
			return s.tell("end", c)
		}
		return "nothing waits"
	}
	d.Fatalf(t, "no command %q", d.Cmd)
	return ""
}

func (s *script) steps(t *testing.T, fields []string, out *strings.Builder) {
	var posterior []float32
	open, times := true, 1
	for _, f := range fields {
		var v float32
		switch {
		case f == "shut":
			open = false
		case strings.HasPrefix(f, "x"):
			if _, err := fmt.Sscanf(f, "x%d", &times); err != nil {
				t.Fatal(err)
			}
		default:
			if _, err := fmt.Sscan(f, &v); err != nil {
				t.Fatal(err)
			}
			posterior = append(posterior, v)
		}
	}
	for range times {
		n := s.n
		s.n++
		// A word is heard in the ten steps before it crosses.
		span := func() (int64, int64) { return n - 10, n }
		if c, ok := s.step(n, posterior, open, span); ok {
			out.WriteString(s.tell(fmt.Sprintf("step %d", n), c))
		}
	}
}

func (s *script) tell(when string, c crossing) string {
	return fmt.Sprintf("%s: %s %.3g, heard from %d to %d\n", when, s.names[c.word], c.score, c.start, c.end)
}
