package dashboard

import (
	"context"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// pipes is a listener of connections that hold nothing: a write ends when the other
// side has read it.
type pipes struct {
	calls chan net.Conn
	over  context.Context
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.calls:
		return c, nil
	case <-p.over.Done():
		return nil, net.ErrClosed
	}
}

func (pipes) Close() error   { return nil }
func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.calls <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestAViewerThatTakesNothingIsDisconnected has one viewer read and one sleep: who
// sends never waits, and after ten seconds only the one that reads is left.
func TestAViewerThatTakesNothingIsDisconnected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Server{cfg: NewDefaultConfig(), log: env().Log}
		s.ctx, s.cancel = context.WithCancel(t.Context())
		st := s.stream("test")
		p := pipes{make(chan net.Conn), s.ctx}
		h := http.Server{Handler: http.HandlerFunc(s.live)}
		s.group.Go(func() error { _ = h.Serve(p); return nil }) // ends with s.ctx
		look := func() *websocket.Conn {
			c, _, err := websocket.Dial(t.Context(), "ws://page/live", &websocket.DialOptions{
				HTTPClient: &http.Client{Transport: &http.Transport{DialContext: p.dial}},
			})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		awake, asleep := look(), look()
		read := 0
		s.group.Go(func() error { // ends with the connection
			for {
				if _, _, err := awake.Read(s.ctx); err != nil {
					return nil
				}
				read++
			}
		})
		synctest.Wait() // both are known: what is sent before a viewer is does not reach it
		sent := 0
		send := func(until time.Time) {
			for time.Now().Before(until) {
				began := time.Now()
				st.mu.Lock()
				for v := range st.viewers {
					v.put(letter{websocket.MessageText, []byte("{}")})
				}
				st.mu.Unlock()
				if took := time.Since(began); took != 0 {
					t.Errorf("who sends waited %v", took)
					return
				}
				sent++
				time.Sleep(100 * time.Millisecond)
			}
		}
		viewers := func() int { st.mu.Lock(); defer st.mu.Unlock(); return len(st.viewers) }
		send(time.Now().Add(writeTimeout - time.Second))
		if n := viewers(); n != 2 {
			t.Errorf("after %v %d viewers are left", writeTimeout-time.Second, n)
		}
		send(time.Now().Add(2 * time.Second))
		synctest.Wait()
		if n := viewers(); n != 1 || read != sent {
			t.Errorf("%d viewers are left, and the one that reads got %d of %d messages", n, read, sent)
		}
		s.cancel()
		awake.CloseNow()
		asleep.CloseNow()
		h.Close()
		s.viewers.Wait()
		if err := s.group.Wait(); err != nil {
			t.Error(err)
		}
	})
}
