package recording

import (
	"crypto/sha3"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// Report is what a recording is and holds. Its JSON form is the output of
// `ganglion inspect --json`.
type Report struct {
	Format   string        `json:"format"`
	Packed   string        `json:"packed,omitempty"` // what is around the recording, such as gzip
	Width    int           `json:"width"`
	Height   int           `json:"height"`
	Events   uint64        `json:"events"`
	On       uint64        `json:"on"`
	First    int64         `json:"t_first_us"` // of the first event in the file
	Last     int64         `json:"t_last_us"`
	XMax     uint16        `json:"x_max"`
	YMax     uint16        `json:"y_max"`
	Triggers uint64        `json:"triggers"`
	IMU      uint64        `json:"imu"`
	IMUHz    float64       `json:"imu_hz,omitempty"` // mean rate of its samples
	Frames   uint64        `json:"frames"`
	Header   format.Header `json:"header"`
	// Streams are those of a recording that has several.
	Streams []format.StreamInfo `json:"streams,omitempty"`
	// Notes are what is odd about the recording.
	Notes  []string          `json:"notes,omitempty"`
	Damage []pipeline.Damage `json:"damage"`
	Digest *Digest           `json:"digest,omitempty"`
}

// Digest holds the SHA3-224 sums of the columns of all events as decoded, in
// file order, before any filter: t as u64, x and y as u16, on as u8,
// little-endian; in hexadecimal.
type Digest struct {
	T  string `json:"t"`
	X  string `json:"x"`
	Y  string `json:"y"`
	On string `json:"on"`
}

// Inspect reads a whole recording and says what it holds.
func Inspect(path string, o Options, digest bool) (Report, error) {
	o.Parallel, o.Ascending, o.Outliers = true, true, true
	r, err := Open(path, o)
	if err != nil {
		return Report{}, err
	}
	defer r.Close()
	return r.inspect(digest)
}

// InspectStream is Inspect for what is read from src; the name appears in
// errors.
func InspectStream(src io.Reader, name string, o Options, digest bool) (Report, error) {
	o.Ascending, o.Outliers = true, true
	r, err := NewReader(src, name, o)
	if err != nil {
		return Report{}, err
	}
	defer r.Close()
	return r.inspect(digest)
}

func (r *Reader) inspect(digest bool) (Report, error) {
	rep := Report{Format: r.Info.Format, Packed: r.Info.Packed, Width: r.Info.Width, Height: r.Info.Height, Header: r.Info.Header}
	var order orderCheck
	var imu span
	var sums *columns
	if digest {
		sums = newColumns()
	}
	var counted counts
	r.clock.sums = &counted // Ascending is set
	b := format.NewBlock(sourceBlock)
	for {
		at := r.Offset()
		err := r.Read(b)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Report{}, err
		}
		if last, ok := r.Plain(); ok {
			order.latest, order.begun = last, true
		} else {
			order.check(b.Events, at)
		}
		r.Restore(b)
		rep.count(b, &counted)
		imu.add(b)
		if sums != nil {
			sums.add(b.Events)
		}
	}
	rep.IMUHz = imu.rate(rep.IMU)
	rep.Streams, rep.Notes = r.Streams(), r.Info.Notes
	rep.Damage = mergeDamage(r.Damage(), order.damage.List())
	if sums != nil {
		rep.Digest = sums.digest()
	}
	return rep, nil
}

// count adds a block to the figures. What the clock counted need not be counted
// again.
func (r *Report) count(b *format.Block, counted *counts) {
	if counted.n != len(b.Events) {
		*counted = counts{}
		for i := range b.Events {
			e := &b.Events[i]
			counted.on += int(e.P)
			counted.xs, counted.ys = max(counted.xs, uint32(e.X)), max(counted.ys, uint32(e.Y))
		}
	}
	r.On, r.XMax, r.YMax = r.On+uint64(counted.on), max(r.XMax, uint16(counted.xs)), max(r.YMax, uint16(counted.ys))
	if n := len(b.Events); n > 0 {
		if r.Events == 0 {
			r.First = b.Events[0].T
		}
		r.Last = b.Events[n-1].T
		r.Events += uint64(n)
	}
	for i := range b.Side {
		switch b.Side[i].Kind {
		case format.Trigger:
			r.Triggers++
		case format.IMUSample:
			r.IMU++
		case format.FrameImage:
			r.Frames++
		}
	}
}

// span is the time from the first IMU sample to the last, µs.
type span struct {
	first, last int64
	begun       bool
}

func (s *span) add(b *format.Block) {
	for i := range b.Side {
		if b.Side[i].Kind != format.IMUSample {
			continue
		}
		if !s.begun {
			s.begun, s.first = true, b.Side[i].T
		}
		s.last = b.Side[i].T
	}
}

// rate is the mean rate of n samples, Hz, to a tenth; 0 where the times do not tell.
func (s *span) rate(n uint64) float64 {
	if n < 2 || s.last <= s.first {
		return 0
	}
	return math.Round(float64(n-1)*1e7/float64(s.last-s.first)) / 10
}

// orderCheck counts events that are earlier than one before them.
type orderCheck struct {
	damage pipeline.DamageReport
	latest int64
	begun  bool
}

// check looks at the events that were decoded from stream offset at on.
func (c *orderCheck) check(events []pipeline.Event, at int64) {
	for i := range events {
		t := events[i].T
		if t < c.latest && c.begun {
			c.damage.Add(format.TimeBackwards, at, t, 1)
			continue
		}
		c.latest, c.begun = t, true
	}
}

// columns sums up the four columns of an event stream.
type columns struct {
	t, x, y, on *sha3.SHA3
	buf         []byte
}

func newColumns() *columns {
	return &columns{t: sha3.New224(), x: sha3.New224(), y: sha3.New224(), on: sha3.New224()}
}

func (c *columns) add(events []pipeline.Event) {
	c.sum(c.t, events, func(b []byte, e *pipeline.Event) []byte { return binary.LittleEndian.AppendUint64(b, uint64(e.T)) })
	c.sum(c.x, events, func(b []byte, e *pipeline.Event) []byte { return binary.LittleEndian.AppendUint16(b, e.X) })
	c.sum(c.y, events, func(b []byte, e *pipeline.Event) []byte { return binary.LittleEndian.AppendUint16(b, e.Y) })
	c.sum(c.on, events, func(b []byte, e *pipeline.Event) []byte { return append(b, e.P) })
}

func (c *columns) sum(h *sha3.SHA3, events []pipeline.Event, column func([]byte, *pipeline.Event) []byte) {
	c.buf = c.buf[:0]
	for i := range events {
		c.buf = column(c.buf, &events[i])
	}
	h.Write(c.buf)
}

func (c *columns) digest() *Digest {
	hexSum := func(h *sha3.SHA3) string { return hex.EncodeToString(h.Sum(nil)) }
	return &Digest{T: hexSum(c.t), X: hexSum(c.x), Y: hexSum(c.y), On: hexSum(c.on)}
}
