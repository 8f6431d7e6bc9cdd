package recording

import (
	"fmt"
	"time"

	"ganglion/sources/pace"
)

// Config is the configuration of a recording source.
type Config struct {
	Path     string        `key:"path" file:"read" doc:"The recording; - is standard input." required:"true" example:"testdata/crossing.raw"`
	Format   string        `key:"format" doc:"Its format; auto recognises it by its content." example:"evt3"`
	Columns  string        `key:"columns" doc:"Order of a text file's columns; empty finds it out." example:"t[s],x,y,p"`
	Stream   string        `key:"stream" doc:"Which of several streams of events is read, by its name; empty leaves it to the format; inspect lists them." example:"DAVIS346_A"`
	Chip     string        `key:"chip" doc:"Chip whose addresses an AEDAT 2 file has that names none, or one that is not known." example:"DAVIS240C"`
	Pace     string        `key:"pace" doc:"How fast it is played: max, realtime, or a factor of real time such as 2x." example:"realtime"`
	Start    time.Duration `key:"start" doc:"Leaves out this much of the beginning, counted in sensor time from the first event; an index kept beside the file (FILE.ganglion-index) makes the next start quick." min:"0s"`
	End      time.Duration `key:"end" doc:"Stops this long after the first event; 0 plays to the end." min:"0s"`
	Window   time.Duration `key:"window" doc:"Length of a batch in sensor time, in whole microseconds." min:"1us"`
	Follow   bool          `key:"follow" doc:"At the end of the file waits for more to be written to it, until the pipeline is stopped or the end is reached."`
	Outliers string        `key:"outliers" doc:"What becomes of events outside the sensor, which are counted in any case: drop leaves them out, clamp moves them to its edge." enum:"drop,clamp"`
	FromZero bool          `key:"from_zero" doc:"Counts time from the first event instead of the sensor's own zero."`
	Strict   bool          `key:"strict" doc:"Stops at the first damage instead of skipping and counting it."`
	Width    int           `key:"width" doc:"Sensor width in place of the recording's; 0 keeps that." unit:"px" min:"0" max:"65535"`
	Height   int           `key:"height" doc:"Sensor height in place of the recording's; 0 keeps that." unit:"px" min:"0" max:"65535"`
}

// autoFormat is the Format that leaves the choice to the content.
const autoFormat = "auto"

// clampOutliers is the Outliers that keeps events outside the sensor.
const clampOutliers = "clamp"

// Validate reports what the field tags cannot say.
func (c *Config) Validate() error {
	if c.Format != autoFormat {
		if _, err := byName(c.Format); err != nil {
			return fmt.Errorf("format: %w", err)
		}
	}
	if err := pace.Check(c.Pace); err != nil {
		return fmt.Errorf("pace: %w", err)
	}
	if c.Window%time.Microsecond != 0 {
		return fmt.Errorf("window: %v is not a whole number of microseconds", c.Window)
	}
	if c.End != 0 && c.End <= c.Start {
		return fmt.Errorf("end: %v is not after start %v", c.End, c.Start)
	}
	return nil
}
