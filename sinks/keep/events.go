package keep

import (
	"encoding/json"
	"fmt"
	"io"

	"ganglion/pipeline"
)

// Record makes the writer of a recording of a named format, which goes to dst, of
// a sensor of so many px.
type Record func(dst io.Writer, format string, width, height int) (EventWriter, error)

// EventWriter writes the events of a recording from front to back.
type EventWriter interface {
	Write([]pipeline.Event) error
	// Lost is what the format could not hold.
	Lost() []pipeline.Damage
	// Close finishes the recording.
	Close() error
}

// seen reports whether the stream is one of events.
func (k *Keeper) seen() bool { return k.info.Modality == pipeline.EventStream }

// writeEvents writes the events of a clip. A recording that lacks some would be
// taken for the whole.
func (k *Keeper) writeEvents(dst io.Writer, c *pipeline.Clip) error {
	w, err := k.record(dst, k.format, k.info.Width, k.info.Height)
	if err != nil {
		return err
	}
	for _, events := range c.Events {
		if err := w.Write(events); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if lost := w.Lost(); len(lost) > 0 {
		return fmt.Errorf("%s cannot hold what was seen: %s", k.format, lost[0])
	}
	return nil
}

// about says what a recording is of.
type about struct {
	From      int64           `json:"from_us"`
	To        int64           `json:"to_us"`
	Events    int             `json:"events"`
	Detection json.RawMessage `json:"detection"`
}

func writeAbout(w io.Writer, c *pipeline.Clip) error {
	a := about{From: c.Start, To: c.End, Detection: c.Detection.AppendJSON(nil)}
	for _, events := range c.Events {
		a.Events += len(events)
	}
	b, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}
