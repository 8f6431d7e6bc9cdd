package dashboard

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	mailbox      = 8                // messages that wait for a viewer
	writeTimeout = 10 * time.Second // a viewer that takes nothing for so long is disconnected
	readLimit    = 64 << 10         // bytes of a message from a viewer
	mostViewers  = 256
	mostOfAWrite = 2 * time.Millisecond
)

// viewer is one browser that looks at a stream.
type viewer struct {
	mail   chan letter
	missed int  // messages for which there was no room
	owed   bool // it does not know what is shown
}

// letter is a message to a viewer.
type letter struct {
	kind websocket.MessageType
	data []byte
}

// put hands a message to the viewer and never waits. It reports whether there was
// room.
func (v *viewer) put(l letter) bool {
	select {
	case v.mail <- l:
		return true
	default:
		v.missed++
		return false
	}
}

// live serves the WebSocket of one viewer. Its origin must be the page's own.
func (s *Server) live(w http.ResponseWriter, r *http.Request) {
	s.viewers.Add(1)
	defer s.viewers.Done()
	st := s.find(r.URL.Query().Get("stream"))
	if st == nil {
		http.Error(w, "ganglion: no stream has begun", http.StatusServiceUnavailable)
		return
	}
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return // Accept has answered
	}
	defer c.CloseNow()
	c.SetReadLimit(readLimit)
	v := &viewer{mail: make(chan letter, mailbox)}
	if !st.join(v) {
		_ = c.Close(websocket.StatusTryAgainLater, "too many viewers")
		return
	}
	defer st.leave(v)
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	s.viewers.Go(func() { // it ends with the connection, which ends with this function
		defer cancel()
		for {
			_, data, err := c.Read(ctx)
			if err != nil {
				return
			}
			st.command(v, data)
		}
	})
	v.serve(ctx, c, &st.spent)
	if s.ctx.Err() != nil {
		_ = c.Close(websocket.StatusGoingAway, "the program ends")
	}
}

// serve writes the viewer's mail until the connection or the context ends, and adds
// what that took to spent. A viewer that is asleep costs no time, so a write counts
// for no more than mostOfAWrite.
func (v *viewer) serve(ctx context.Context, c *websocket.Conn, spent *atomic.Int64) {
	for {
		select {
		case <-ctx.Done():
			return
		case l := <-v.mail:
			began := time.Now()
			bounded, cancel := context.WithTimeout(ctx, writeTimeout)
			err := c.Write(bounded, l.kind, l.data)
			cancel()
			spent.Add(int64(min(time.Since(began), mostOfAWrite)))
			if err != nil {
				return
			}
		}
	}
}
