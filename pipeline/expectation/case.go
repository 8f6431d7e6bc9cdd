package expectation

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"ganglion/pipeline"
)

// Config is the top-level key "tests" of a configuration: a list of cases, or a
// section with that list.
type Config struct {
	Cases []Case `key:"cases" doc:"Recorded inputs and what must be detected in them, for ganglion test."`
}

// Case is one test of a pipeline.
type Case struct {
	Name       string    `key:"name" doc:"What the test shows." required:"true"`
	Input      string    `key:"input" file:"read" doc:"Recording that takes the place of source.path; empty takes the source as it is."`
	Set        []string  `key:"set" doc:"Values of the configuration that this test replaces, each KEY=VALUE as for --set."`
	Expect     string    `key:"expect" file:"read" doc:"File of the expected detections as JSON lines; --update writes it."`
	Tolerance  Tolerance `key:"tolerance" doc:"How far a field may lie from what is expected; 0, which absent keys are, wants equality."`
	Detections []Count   `key:"detections" doc:"How many detections there must be."`
}

// Tolerance is the largest allowed difference of a field, by its unit.
type Tolerance struct {
	Time     time.Duration `key:"time" doc:"Of times." min:"0s"`
	Position float64       `key:"position" doc:"Of places." unit:"px" min:"0"`
	Speed    float64       `key:"speed" doc:"Of velocities and speeds." unit:"px/s" min:"0"`
	Angle    float64       `key:"angle" doc:"Of directions, the shorter way round." unit:"degrees" min:"0" max:"180"`
	Score    float64       `key:"score" doc:"Of scores, confidences and shares." min:"0" max:"1"`
	Count    int           `key:"count" doc:"Of numbers of spikes, events and periods." min:"0"`
}

// Count is a condition on how many detections there are.
type Count struct {
	Kind  string        `key:"kind" doc:"Those of this kind; empty counts all."`
	Label string        `key:"label" doc:"Those with this label; empty counts all."`
	From  time.Duration `key:"from" doc:"Those whose t_us is this sensor time or later." min:"0s"`
	To    time.Duration `key:"to" doc:"Those before this sensor time; 0s has no end." min:"0s"`
	Count int           `key:"count" doc:"Exactly so many; 0 leaves it to the other keys." min:"0"`
	Least int           `key:"least" doc:"At least so many; 1 where nothing else is said." min:"0"`
	Most  int           `key:"most" doc:"At most so many; 0 has no limit." min:"0"`
	None  bool          `key:"none" doc:"There may be none."`
}

// Validate checks what tags cannot say.
func (c Config) Validate() error {
	seen := map[string]bool{}
	for _, k := range c.Cases {
		if seen[k.Name] {
			return fmt.Errorf("cases: two tests are called %q", k.Name)
		}
		seen[k.Name] = true
	}
	return nil
}

// Validate checks what tags cannot say.
func (c Case) Validate() error {
	if c.Expect == "" && len(c.Detections) == 0 {
		return errors.New("expects nothing and so cannot fail; give expect or detections")
	}
	return nil
}

// Validate checks what tags cannot say.
func (c Count) Validate() error {
	limits := 0
	for _, on := range []bool{c.None, c.Count > 0, c.Least > 0 || c.Most > 0} {
		if on {
			limits++
		}
	}
	switch {
	case limits > 1:
		return errors.New("give one of count, least and most, none")
	case c.Most > 0 && c.Least > c.Most:
		return fmt.Errorf("least: %d is more than most, %d", c.Least, c.Most)
	case c.To > 0 && c.To <= c.From:
		return fmt.Errorf("to: %v is not after from, %v", c.To, c.From)
	}
	return nil
}

// limits are the fewest and most detections that the condition allows; most is -1
// without a limit.
func (c *Count) limits() (least, most int) {
	switch {
	case c.None:
		return 0, 0
	case c.Count > 0:
		return c.Count, c.Count
	case c.Least == 0 && c.Most == 0:
		return 1, -1
	case c.Most == 0:
		return c.Least, -1
	}
	return c.Least, c.Most
}

// counts reports whether the condition counts a detection.
func (c *Count) counts(d *pipeline.Detection) bool {
	return (c.Kind == "" || c.Kind == string(d.Kind)) && (c.Label == "" || c.Label == d.Label) &&
		d.T >= c.From.Microseconds() && (c.To == 0 || d.T < c.To.Microseconds())
}

// String reads "keyword \"computer\" from 1s to 2s".
func (c *Count) String() string {
	s := cmp.Or(c.Kind, "all detections")
	if c.Label != "" {
		s += fmt.Sprintf(" %q", c.Label)
	}
	if c.From > 0 {
		s += fmt.Sprintf(" from %v", c.From)
	}
	if c.To > 0 {
		s += fmt.Sprintf(" to %v", c.To)
	}
	return s
}
