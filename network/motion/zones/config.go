package zones

import (
	"errors"
	"fmt"
	"time"

	"ganglion/internal/polygon"
)

// Config is what a readout of tracks reports beside them. Readouts embed it.
type Config struct {
	Anchor string  `key:"anchor" live:"true" doc:"The point of a box that stands for the object: its centre, or the middle of its lower edge." enum:"centre,bottom"`
	Lines  []Line  `key:"lines" live:"true" doc:"Lines whose crossing by a track is reported."`
	Zones  []Zone  `key:"zones" live:"true" doc:"Polygons whose entering and leaving is reported."`
	Alarms []Alarm `key:"alarms" live:"true" doc:"What is out of the ordinary."`
	Plane  Plane   `key:"plane" live:"true" doc:"Places in metres."`
}

// NewDefaultConfig has no rules.
func NewDefaultConfig() Config { return Config{Anchor: anchorCentre} }

// The anchors.
const (
	anchorCentre = "centre"
	anchorBottom = "bottom"
)

// Line is a directed line from (x0, y0) to (x1, y1) whose crossing is reported.
type Line struct {
	Name      string  `key:"name" doc:"Label of the detection." required:"true"`
	X0        float64 `key:"x0" unit:"px" doc:"Start."`
	Y0        float64 `key:"y0" unit:"px" doc:"Start."`
	X1        float64 `key:"x1" unit:"px" doc:"End."`
	Y1        float64 `key:"y1" unit:"px" doc:"End."`
	Direction string  `key:"direction" doc:"Which crossings count: forward is towards the right-hand side of who walks from start to end; both by default." enum:",both,forward,backward"`
	Margin    float64 `key:"margin" unit:"px" min:"0" doc:"How far beyond the line an object has crossed it; 0: 2 px, or a twentieth of the object's longer side."`
}

// Zone is a polygon.
type Zone struct {
	Name   string        `key:"name" doc:"Label of the detection." required:"true"`
	Points string        `key:"points" unit:"px" doc:"Corners, as in SVG: 10,20 110,20 60,90." required:"true"`
	Dwell  time.Duration `key:"dwell" min:"0s" doc:"Report who stays longer than this; 0s: nobody."`
	Hold   time.Duration `key:"hold" min:"0s" max:"10s" doc:"For how long what comes to rest in the zone counts as in it."`
}

// Alarm is a condition; its begin and its end are reported.
type Alarm struct {
	Name    string        `key:"name" doc:"Label of the detection." required:"true"`
	Of      string        `key:"of" doc:"Rate: events per second; occupancy: objects in the zone; direction: objects that move that way." enum:"rate,occupancy,direction" required:"true"`
	Zone    string        `key:"zone" doc:"Name of the zone that it is about; the whole sensor by default."`
	Above   float64       `key:"above" min:"0" doc:"Rate, occupancy: raised above this value; 0: never."`
	Below   float64       `key:"below" min:"0" doc:"Rate, occupancy: raised below this value; 0: never."`
	Degrees float64       `key:"degrees" unit:"degrees" min:"0" max:"360" doc:"Direction: 0 is right, 90 down."`
	Within  float64       `key:"within" unit:"degrees" min:"0" max:"180" doc:"Direction: how far an object's direction may differ; 0: 45."`
	For     time.Duration `key:"for" min:"0s" max:"1h" doc:"How long the condition must hold, or be over, before that is reported."`
	Window  time.Duration `key:"window" min:"0s" max:"10s" doc:"Rate: time over which events are counted; 0s: 100 ms."`
}

// What an alarm is of.
const (
	ofRate      = "rate"
	ofOccupancy = "occupancy"
	ofDirection = "direction"
)

// mostRules bounds the lines, the zones and the alarms.
const mostRules = 64

// Validate checks what the field tags cannot say.
func (c Config) Validate() error {
	if max(len(c.Lines), len(c.Zones), len(c.Alarms)) > mostRules {
		return fmt.Errorf("%d lines, %d zones and %d alarms: of each at most %d", len(c.Lines), len(c.Zones), len(c.Alarms), mostRules)
	}
	seen := map[string]bool{}
	taken := func(kind, name string) error {
		if seen[kind+name] {
			return fmt.Errorf("%ss: two are called %q", kind, name)
		}
		seen[kind+name] = true
		return nil
	}
	for i, l := range c.Lines {
		if l.X0 == l.X1 && l.Y0 == l.Y1 {
			return fmt.Errorf("lines.%d: line %q has no length", i, l.Name)
		}
		if err := taken("line", l.Name); err != nil {
			return err
		}
	}
	for i, z := range c.Zones {
		if _, err := polygon.Parse(z.Points); err != nil {
			return fmt.Errorf("zones.%d.points: zone %q: %w", i, z.Name, err)
		}
		if err := taken("zone", z.Name); err != nil {
			return err
		}
	}
	for i, a := range c.Alarms {
		if err := a.check(seen["zone"+a.Zone]); err != nil {
			return fmt.Errorf("alarms.%d: alarm %q: %w", i, a.Name, err)
		}
		if err := taken("alarm", a.Name); err != nil {
			return err
		}
	}
	if _, err := c.Plane.solve(); err != nil {
		return fmt.Errorf("plane: %w", err)
	}
	return nil
}

func (a Alarm) check(zoneKnown bool) error {
	switch {
	case a.Zone != "" && !zoneKnown:
		return fmt.Errorf("there is no zone %q", a.Zone)
	case a.Of == ofDirection && a.Above+a.Below > 0:
		return errors.New("above and below are for a rate and an occupancy")
	case a.Of != ofDirection && a.Degrees+a.Within > 0:
		return errors.New("degrees and within are for a direction")
	case a.Of != ofDirection && a.Above == 0 && a.Below == 0:
		return errors.New("neither above nor below says when it is raised")
	case a.Above > 0 && a.Below > a.Above:
		return fmt.Errorf("below %g is greater than above %g: one of them always holds", a.Below, a.Above)
	case a.Of != ofRate && a.Window > 0:
		return errors.New("window is for a rate")
	}
	return nil
}
