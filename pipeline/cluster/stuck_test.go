package cluster

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"ganglion/pipeline"
)

// TestAPacketThatHangsIsSetAside: workers end by themselves, each where the one
// before it did; another stream has all its detections. A second is long enough for
// all that does not hang on a busy machine, whose worker would be one too many.
func TestAPacketThatHangsIsSetAside(t *testing.T) {
	t.Parallel()
	h := newHall(t, 1, func(c *Config) { c.Partitions, c.Stuck = 1, time.Second })
	over := make(chan struct{})
	p := chain("chain", nil)
	p.Readout = func(info pipeline.StreamInfo, _ []pipeline.Layer) (pipeline.Readout, error) {
		c := &chainReadout{}
		if strings.HasPrefix(info.Content, "0 ") {
			c.fail = func(link uint64) error {
				if link%64 == 0 {
					<-over
				}
				return nil
			}
		}
		return c, nil
	}
	keys := h.feedAll(2, 200)
	ctx, stop := context.WithTimeout(context.WithoutCancel(t.Context()), 2*time.Minute)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer close(over)
	defer stop()
	ended := make(chan error, 1)
	deaths := 0
	for aside := false; !aside; {
		nc := h.connect()
		w, err := NewWorker(ctx, Options{Conn: nc, Log: h.log, Now: time.Now, Host: "test"}, []*Pipeline{{Pipeline: p, Config: h.cfg}})
		if err != nil {
			t.Fatal(err)
		}
		workers.Go(func() { ended <- w.Run(ctx) })
		for hangs := false; !hangs && !aside; {
			select {
			case err := <-ended:
				if hangs = errors.Is(err, errStuck); !hangs {
					t.Fatalf("a worker ended with %v", err)
				}
				deaths++
			case <-time.After(20 * time.Millisecond):
				tr := h.track(keys[0], "chain")
				aside = tr != nil && tr.Aside != "" && h.allEnded("chain", keys[1:])
			}
		}
		if !aside {
			nc.Close()
		}
	}
	if tr := h.track(keys[0], "chain"); !strings.Contains(tr.Aside, "workers died") || deaths > suspicious+deadly {
		t.Errorf("after %d workers: %s", deaths, tr.Aside)
	}
	h.equal(keys[1], chain("", nil), &chainSource{seed: 1, windows: 200})
}
