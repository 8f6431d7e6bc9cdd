package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/packet"
)

// cutter makes packets of a source's batches.
type cutter struct {
	f     *feeder
	info  pipeline.StreamInfo
	run   string
	next  uint64
	from  int64                       // sensor time up to which everything is stored
	drops bool                        // when the queue is full
	put   func(context.Context) error // hands the packet on

	dropped uint64
	told    time.Time // when that was logged last

	encoder packet.Encoder
	out     packet.Packet
	rest    pipeline.Batch
}

// Sizes of a packet: with them it takes less than half a megabyte.
const (
	packetEvents  = 64 << 10
	packetSamples = 96 << 10
	packetGyro    = 8 << 10
)

// read reads the source to its end and closes the run there.
func (c *cutter) read(ctx context.Context, put func(context.Context) error) error {
	c.put = put
	c.out = packet.Packet{Run: c.run, Number: c.next, Info: c.info}
	var b pipeline.Batch
	end := max(c.from, 0)
	for {
		b.Reset()
		err := c.f.Source.Read(ctx, &b)
		c.f.Account.read(c.f.Source)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && ctx.Err() != nil && c.info.Live {
			break // what happens now does not come again: the run ends here
		}
		if err != nil {
			return unless(ctx, fmt.Errorf("source: %w", err))
		}
		if b.End <= c.from {
			continue // of a source that cannot resume: it is stored
		}
		end = b.End
		if err := c.add(ctx, &b); err != nil {
			return unless(ctx, err)
		}
	}
	if empty(&c.out.Batch) {
		c.out.Batch.Window = pipeline.Window{Start: end, End: end}
	}
	c.out.End, c.drops = true, false
	return unless(ctx, c.put(context.WithoutCancel(ctx)))
}

// unless is the error, or nil where the context has ended: that is an orderly
// stop.
func unless(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// add puts a batch behind the packet's, and sends the packet once it is long or
// large enough. A large batch is cut, at a time for events.
func (c *cutter) add(ctx context.Context, b *pipeline.Batch) error {
	o := &c.out.Batch
	if !empty(o) && b.End-o.Start > c.f.Config.Packet.Microseconds() {
		if err := c.put(ctx); err != nil {
			return err
		}
	}
	for {
		head, rest := c.split(b)
		if empty(o) {
			o.Window, o.FrameIndex = head.Window, head.FrameIndex
		}
		o.End = head.End
		o.Events, o.PCM = append(o.Events, head.Events...), append(o.PCM, head.PCM...)
		o.Gyro = append(o.Gyro, head.Gyro...)
		large := len(o.Events) >= packetEvents/2 || len(o.PCM) >= packetSamples/2 || len(o.Gyro) >= packetGyro
		if large || o.End-o.Start >= c.f.Config.Packet.Microseconds() {
			if err := c.put(ctx); err != nil {
				return err
			}
		}
		if rest == nil {
			return nil
		}
		b = rest
	}
}

// empty reports whether a batch holds nothing.
func empty(b *pipeline.Batch) bool { return len(b.Events)+len(b.Gyro)+len(b.PCM) == 0 }

// split takes as much off a batch as a packet may hold.
func (c *cutter) split(b *pipeline.Batch) (head pipeline.Batch, rest *pipeline.Batch) {
	const half = packetEvents / 2
	switch {
	case len(b.Gyro) > packetGyro && b.Gyro[packetGyro].At < b.Start && b.Gyro[0].At < b.Gyro[packetGyro].At:
		// What the camera told while nothing happened goes ahead, as windows of its own.
		head, c.rest = *b, *b
		head.Events, head.PCM = nil, nil
		head.Gyro, c.rest.Gyro = b.Gyro[:packetGyro], b.Gyro[packetGyro:]
		head.Start, head.End = head.Gyro[0].At, c.rest.Gyro[0].At
	case len(b.Events) > half:
		n := half
		for n < len(b.Events) && b.Events[n].T == b.Events[n-1].T {
			n++ // a packet ends at a time
		}
		if n == len(b.Events) {
			return *b, nil
		}
		at := b.Events[n].T // before the rest changes: b may be it
		head, c.rest = *b, *b
		head.Events, c.rest.Events = b.Events[:n], b.Events[n:]
		head.End, c.rest.Start = at, at
		turns := sort.Search(len(b.Gyro), func(i int) bool { return b.Gyro[i].At >= at })
		head.Gyro, c.rest.Gyro = b.Gyro[:turns], b.Gyro[turns:]
	case len(b.PCM) > packetSamples/2:
		frames := packetSamples / 2 / c.info.Channels
		head, c.rest = *b, *b
		head.PCM, c.rest.PCM = b.PCM[:frames*c.info.Channels], b.PCM[frames*c.info.Channels:]
		c.rest.FrameIndex += int64(frames)
		at := c.info.FrameTime(c.rest.FrameIndex-1) + 1 // every frame of the head is before it
		head.End, c.rest.Start = at, at
	default:
		return *b, nil
	}
	return head, &c.rest
}

// enqueue puts packets into a queue.
func (c *cutter) enqueue(queue chan<- *parcel, free <-chan *parcel) func(context.Context) error {
	return func(ctx context.Context) error {
		var p *parcel
		if c.drops {
			select {
			case p = <-free:
			default:
				c.taken(false, nil)
				return nil
			}
		} else {
			select {
			case p = <-free:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err := c.encode(p); err != nil {
			return err
		}
		c.taken(true, nil)
		select {
		case queue <- p: // there is room: as many packets as places
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// encode fills in a parcel.
func (c *cutter) encode(p *parcel) (err error) {
	if p.data, err = c.encoder.Append(p.data[:0], &c.out); err != nil {
		return err
	}
	p.at = time.Now()
	p.number, p.end, p.items, p.last = c.out.Number, c.out.Batch.End, items(&c.out.Batch), c.out.End
	return nil
}

// dropPause is how long after a line about packets that were dropped the next may come.
const dropPause = 10 * time.Second

// taken begins the next packet; the number of one that was dropped, for want of a place
// or because of an error, is given to the next.
func (c *cutter) taken(kept bool, why error) {
	o := &c.out.Batch
	if !kept {
		c.dropped++
		if now := c.f.Now(); c.told.IsZero() || now.Sub(c.told) >= dropPause {
			c.told = now
			c.f.Log.Warn("packets are dropped, there is no place for them", "stream", c.f.Key, "total", c.dropped, "error", why)
		}
	}
	c.f.Account.cut(items(o), o.End-o.Start, kept)
	if kept {
		c.out.Number++
	}
	c.out.Batch.Reset()
}
