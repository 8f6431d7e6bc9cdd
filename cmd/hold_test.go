package cmd

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// TestASecondRunPublishesOnTheServerThatTheFirstOneHolds follows the README: a run
// that is held, a subscriber, and another run on the server of the first.
func TestASecondRunPublishesOnTheServerThatTheFirstOneHolds(t *testing.T) {
	t.Chdir("..")
	url := printedLike(t, `nats://[0-9.:]+`, "run", "configs/motion.yaml", "--hold",
		"--set", `sinks=[{type: nats, url: embedded, listen: "127.0.0.1:0"}]`)
	bus, err := nats.Connect(url)
	if err != nil {
		t.Fatalf("%q: %v", url, err)
	}
	defer bus.Close()
	sub, err := bus.SubscribeSync("ganglion.motion.motion_end")
	if err == nil {
		err = bus.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	runQuietly(t, "run", "configs/motion.yaml", "--log-level", "error", "--set", "sinks=[{type: nats, url: \""+url+"\"}]")
	for range 4 { // of the second run at least; the first may not have ended
		if _, err := sub.NextMsg(30 * time.Second); err != nil {
			t.Fatal(err)
		}
	}
}
