package nats

import (
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
)

// proxy stands between a sink and its server and cuts connections: each after
// a number of bytes from the sink, drawn from a fixed sequence.
type proxy struct {
	listener net.Listener
	target   string
	wg       sync.WaitGroup

	mu     sync.Mutex
	rand   *rand.Rand
	budget int // mean bytes until a cut, 0 for none
	closed bool
	open   map[net.Conn]bool
	cuts   int
}

func startProxy(t *testing.T, url string, budget int) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{
		listener: l, target: strings.TrimPrefix(url, "nats://"), budget: budget,
		rand: rand.New(rand.NewPCG(1, 2)), open: map[net.Conn]bool{},
	}
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		p.cut()
		p.wg.Wait()
	})
	return p
}

func (p *proxy) url() string { return "nats://" + p.listener.Addr().String() }

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		c.Close()
	}
}

// checkCuts demands that there was something to survive.
func (p *proxy) checkCuts(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cuts < 5 {
		t.Errorf("only %d cuts: the test proves little", p.cuts)
	}
}

// shut refuses connections from now on, or accepts them again.
func (p *proxy) shut(closed bool) {
	p.mu.Lock()
	p.closed = closed
	p.mu.Unlock()
	if closed {
		p.cut()
	}
}

func (p *proxy) accept() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		closed, budget := p.closed, int64(1<<62)
		if p.budget > 0 {
			budget = p.rand.Int64N(2 * int64(p.budget))
		}
		p.mu.Unlock()
		out, err := net.Dial("tcp", p.target)
		if closed || err != nil {
			in.Close()
			if err == nil {
				out.Close()
			}
			continue
		}
		p.hold(in, out)
		p.wg.Go(func() { // sink to server
			_, _ = io.CopyN(out, in, budget)
			p.release(in, out)
		})
		p.wg.Go(func() { // server to sink
			_, _ = io.Copy(in, out)
			p.release(in, out)
		})
	}
}

func (p *proxy) hold(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.open[c] = true
	}
}

func (p *proxy) release(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		if p.open[c] {
			p.cuts++
		}
		c.Close()
		delete(p.open, c)
	}
}
