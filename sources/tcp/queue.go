package tcp

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"ganglion/internal/sleep"
	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

const (
	blockEvents = 4096
	// Pauses between attempts to connect.
	leastPause = 100 * time.Millisecond
	mostPause  = 5 * time.Second
)

// packet is a block of events.
type packet struct {
	block  format.Block
	rates  []pipeline.AngularRate // of the camera's gyroscope, from the block
	offset int64                  // bytes received before its end
}

// queue receives streams, one connection after the other. Packets go round: from
// free to the goroutine that receives, on to full, and from the reader back to free.
// There are as many as ever waited at once, at most as the queue is long and one
// more.
type queue struct {
	cfg        Config
	listener   net.Listener // nil for a source that connects
	full, free chan *packet
	made       int           // packets; of the receiving goroutine
	known      chan struct{} // closed when info is there
	info       format.Info   // of the first stream
	ctx        context.Context
	stop       context.CancelFunc
	done       sync.WaitGroup

	mu     sync.Mutex // protects what follows
	conn   net.Conn   // that is read, or nil
	lost   pipeline.DamageReport
	damage []pipeline.Damage // of the streams
	err    error             // why the latest attempt failed
}

func newQueue(c Config) *queue {
	return &queue{cfg: c, full: make(chan *packet, c.Queue), free: make(chan *packet, c.Queue+1), known: make(chan struct{})}
}

// listen binds the address, if there is one.
func (q *queue) listen(ctx context.Context) (err error) {
	if q.cfg.Listen != "" {
		q.listener, err = listenTCP(ctx, q.cfg.Listen)
	}
	// What is received outlives the call; close ends it.
	q.ctx, q.stop = context.WithCancel(context.WithoutCancel(ctx))
	return err
}

func (q *queue) start() { q.done.Go(q.receive) } // ends when the context does

// receive reads one connection after the other.
func (q *queue) receive() {
	defer close(q.full)
	pause := leastPause
	for n := 0; q.ctx.Err() == nil; {
		conn, err := q.connect()
		if err == nil {
			if n++; n > 1 {
				q.count("reconnected", 1)
			}
			var events uint64
			if events, err = q.stream(conn); events > 0 {
				pause = leastPause
			}
			conn.Close()
		}
		q.mu.Lock()
		if q.conn, q.err = nil, err; err != nil && errors.Is(err, io.EOF) {
			q.err = errors.New("the sender ended the stream")
		}
		q.mu.Unlock()
		if q.listener != nil && err == nil {
			continue
		}
		_ = sleep.For(q.ctx, pause)
		pause = min(2*pause, mostPause)
	}
}

// connect waits for a sender, or goes to it.
func (q *queue) connect() (conn net.Conn, err error) {
	if q.listener != nil {
		conn, err = q.listener.Accept()
	} else {
		var d net.Dialer
		conn, err = d.DialContext(q.ctx, "tcp", q.cfg.Address)
	}
	if err == nil {
		q.mu.Lock()
		q.conn = conn
		q.mu.Unlock()
		if q.ctx.Err() != nil {
			conn.Close() // close came in between
		}
	}
	return conn, err
}

// stream reads a connection to its end, and returns how many events it had.
func (q *queue) stream(conn net.Conn) (events uint64, err error) {
	src, err := translate(conn)
	if err != nil {
		return 0, err
	}
	o := recording.Options{Width: q.cfg.Width, Height: q.cfg.Height, Stream: q.cfg.Stream, Live: true}
	if q.cfg.Format != autoFormat {
		o.Format = q.cfg.Format
	}
	r, err := recording.NewReader(src, conn.RemoteAddr().String(), o)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	select {
	case <-q.known:
	default:
		q.info = r.Info
		close(q.known)
	}
	before := q.seen()
	for {
		p := q.place()
		if p == nil {
			return events, q.ctx.Err()
		}
		err := r.Read(&p.block)
		q.note(before, r.Damage())
		if err != nil {
			q.free <- p
			return events, err
		}
		events += uint64(len(p.block.Events))
		p.rates = recording.Rates(p.rates[:0], &p.block, r.Info.Gyro) // whose memory is the reader's
		p.offset = r.Offset()
		q.send(p)
	}
}

// place takes a packet to fill; nil when the source is closed.
func (q *queue) place() *packet {
	select {
	case p := <-q.free:
		return p
	default:
	}
	if q.made < cap(q.free) {
		q.made++
		return &packet{block: *format.NewBlock(blockEvents)}
	}
	select {
	case p := <-q.free:
		return p
	case <-q.ctx.Done():
		return nil
	}
}

// send puts a packet into the queue. Only this goroutine adds to it: a place in it
// is free as long as not all of its packets are there.
func (q *queue) send(p *packet) {
	if len(q.full) == cap(q.full) {
		switch q.cfg.Policy {
		case dropNewest:
			q.count(queueFull, uint64(len(p.block.Events)))
			q.free <- p
			return
		case dropOldest:
			select {
			case old := <-q.full:
				q.count(queueFull, uint64(len(old.block.Events)))
				q.free <- old
			default: // the reader was faster
			}
		}
	}
	select {
	case q.full <- p:
	case <-q.ctx.Done():
	}
}

func (q *queue) count(kind string, n uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lost.Add(kind, 0, 0, n)
}

// seen is the damage of the streams before this one.
func (q *queue) seen() []pipeline.Damage {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.damage
}

// note keeps the damage of all streams so far.
func (q *queue) note(before, now []pipeline.Damage) {
	if len(now) == 0 {
		return
	}
	var all pipeline.DamageReport
	for _, list := range [][]pipeline.Damage{before, now} {
		for _, d := range list {
			all.Add(d.Kind, d.Offset, d.FirstUS, d.Count)
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.damage = all.List()
}

// report adds what was met on the way to what the windows met.
func (q *queue) report(windows []pipeline.Damage) []pipeline.Damage {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := append(windows[:len(windows):len(windows)], q.damage...)
	return append(list, q.lost.List()...)
}

// dropped is how many events found no place.
func (q *queue) dropped() (n uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, d := range q.lost.List() {
		if d.Kind == queueFull {
			n = d.Count
		}
	}
	return n
}

// queueFull is the kind of damage of events that the policy drops.
const queueFull = "queue_full"

// health is why nobody is connected, nil where somebody is.
func (q *queue) health() error {
	q.mu.Lock()
	connected := q.conn != nil
	q.mu.Unlock()
	if connected {
		return nil
	}
	return q.why()
}

// why is what was wrong with the latest attempt.
func (q *queue) why() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.err == nil {
		return errNone
	}
	return q.err
}

// close ends receiving and waits for it.
func (q *queue) close() (err error) {
	if q.stop == nil {
		return nil
	}
	q.stop()
	if q.listener != nil {
		err = q.listener.Close()
	}
	q.mu.Lock()
	if q.conn != nil {
		q.conn.Close()
	}
	q.mu.Unlock()
	q.done.Wait()
	return err
}
