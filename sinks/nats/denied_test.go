package nats

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"ganglion/pipeline"
	"ganglion/sinks/nats/natstest"
)

// TestWhatMayNotBePublishedIsRefusedAndTheRestStored: of four kinds the second is allowed.
// The stream never answers the others, so the client must not wait for them either.
func TestWhatMayNotBePublishedIsRefusedAndTheRestStored(t *testing.T) {
	t.Parallel()
	url := natstest.RunServer(t, &server.Options{JetStream: true, StoreDir: t.TempDir(), Users: []*server.User{{
		Username: "tom", Password: "geheim",
		Permissions: &server.Permissions{Publish: &server.SubjectPermission{Allow: []string{"$JS.API.>", "ganglion.left." + string(kinds[1])}}},
	}}})
	c := storing(url)
	c.User, c.Password = "tom", "geheim"
	c.InFlight, c.Deadline = 4, 3*time.Second
	s := open(t, c)
	js := s.pub.(*stream).js
	const writes = 3
	for i := range writes {
		err := s.Write(t.Context(), detections(4*i, 4))
		var partial *pipeline.PartialWriteError
		if !errors.As(err, &partial) || partial.Written != 1 || !slices.Equal(partial.Refused, []int{0, 2, 3}) || !errors.Is(err, errRefused) {
			t.Fatalf("write %d: %+v, %v", i, partial, err)
		}
		if n := js.PublishAsyncPending(); n != 0 {
			t.Errorf("write %d: the client waits for %d answers", i, n)
		}
	}
	if n := find(t, js).State.Msgs; n != writes {
		t.Errorf("%d messages are stored, want %d", n, writes)
	}
}
