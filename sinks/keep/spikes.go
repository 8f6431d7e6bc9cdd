package keep

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"ganglion/internal/arrowipc"
	"ganglion/pipeline"
	"ganglion/pipeline/eventtable"
)

// spikeTable writes spikes as Arrow files of events.
type spikeTable struct {
	shape         string // "4,40"
	width, height int

	events []pipeline.Event
	bytes  []byte
}

// maxSide is how many columns or rows an event's address can tell apart.
const maxSide = 1 << 16

// fit lays the neurons of a layer out in rows as long as its last axis.
func (t *spikeTable) fit(layer pipeline.Shape) error {
	if len(layer) == 0 || layer.Size() == 0 {
		return fmt.Errorf("the encoder's layer %v has no neurons", layer)
	}
	t.width = layer[len(layer)-1]
	t.height = layer.Size() / t.width
	if t.width > maxSide || t.height > maxSide {
		return fmt.Errorf("the encoder's layer %v does not fit into rows and columns of %d", layer, maxSide)
	}
	t.shape = strings.Trim(strings.Join(strings.Fields(fmt.Sprint(layer)), ","), "[]")
	return nil
}

// Shape is the shape of the layer whose spikes a file holds, by the file's
// metadata: for sound [cells, bands] or [cells, ears, bands].
func Shape(metadata func(key string) string) (shape pipeline.Shape, ok bool) {
	for field := range strings.SplitSeq(metadata("shape"), ",") {
		n, err := strconv.Atoi(field)
		if err != nil || n < 1 || n > maxSide {
			return nil, false
		}
		shape = append(shape, n)
	}
	return shape, true
}

// Detected is where the detection begins and ends in the WAV beside a file of
// spikes, by the file's metadata.
func Detected(metadata func(key string) string) (start, end time.Duration, ok bool) {
	var at [3]int64 // µs of the stream
	for i, key := range []string{"from_us", "t_start_us", "t_end_us"} {
		v, err := strconv.ParseInt(metadata(key), 10, 64)
		if err != nil || v < 0 || v > maxMicros || v < at[max(i-1, 0)] {
			return 0, 0, false
		}
		at[i] = v
	}
	return time.Duration(at[1]-at[0]) * time.Microsecond, time.Duration(at[2]-at[0]) * time.Microsecond, true
}

// maxMicros keeps times of metadata within a [time.Duration].
const maxMicros = 1 << 53

// write writes the spikes of a clip.
func (t *spikeTable) write(w io.Writer, c *pipeline.Clip, info pipeline.StreamInfo) error {
	t.events = t.events[:0]
	for i, at := range c.Spikes.T {
		for _, id := range c.Spikes.Run(i) {
			e := pipeline.Event{T: at, X: uint16(int(id) % t.width), Y: uint16(int(id) / t.width), P: pipeline.On}
			t.events = append(t.events, e)
		}
	}
	table := eventtable.New(true, t.metadata(c, info))
	t.bytes = table.Finish(table.Append(t.bytes[:0], t.events))
	_, err := w.Write(t.bytes)
	return err
}

// metadata reports what was detected, and what the clip is.
func (t *spikeTable) metadata(c *pipeline.Clip, info pipeline.StreamInfo) []arrowipc.Pair {
	d := &c.Detection
	var pairs []arrowipc.Pair
	text := func(key, value string) { pairs = append(pairs, arrowipc.Pair{Key: key, Value: value}) }
	number := func(key string, v int64) { text(key, strconv.FormatInt(v, 10)) }
	text("kind", string(d.Kind))
	text("label", strings.ToValidUTF8(d.Label, "\uFFFD"))
	text("score", strconv.FormatFloat(float64(d.Score), 'g', -1, 32))
	number("t_us", d.T)
	number("t_start_us", d.TStart)
	number("t_end_us", d.TEnd)
	text("stream", d.Stream)
	text("seq", strconv.FormatUint(d.Seq, 10))
	text("model", d.Model)
	text("config_hash", d.ConfigHash)
	number("from_us", c.Start)
	number("to_us", c.End)
	number("sample_rate", int64(info.SampleRate))
	number("channels", int64(info.Channels))
	number("frames", int64(len(c.PCM)/info.Channels))
	number("first_frame", c.FrameIndex)
	number("missing_frames", c.Missing)
	text("shape", t.shape)
	number(eventtable.Width, int64(t.width))
	number(eventtable.Height, int64(t.height))
	return pairs
}
