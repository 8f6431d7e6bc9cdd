package nats

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/nats-io/nats.go"
)

// TestAPongOfAnotherConnectionProvesNothing replaces the connection at every
// place of the first try, and wants the messages sent once more.
func TestAPongOfAnotherConnectionProvesNothing(t *testing.T) {
	for _, replaced := range []string{"", "publish", "flush"} {
		t.Run("replaced in "+replaced, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sent []string
				reconnects := uint64(0)
				at := func(place string) {
					if place == replaced && reconnects == 0 {
						reconnects++
					}
				}
				c := &core{env: coreEnv{
					wait: func(context.Context) error { return nil },
					publish: func(m *nats.Msg) error {
						sent = append(sent, m.Subject)
						at("publish")
						return nil
					},
					flush:      func(context.Context) error { at("flush"); return nil },
					reconnects: func() uint64 { return reconnects },
					begin:      func() {},
					refused:    func() int { return 0 },
				}}
				n, _, err := c.publish(t.Context(), []*nats.Msg{{Subject: "a"}, {Subject: "b"}})
				want := []string{"a", "b"}
				if replaced != "" {
					want = append(want, "a", "b")
				}
				if err != nil || n != 2 || !slices.Equal(sent, want) {
					t.Errorf("confirmed %d, %v; sent %v, want %v", n, err, sent, want)
				}
			})
		})
	}
}

func TestARefusalBeforeThePongIsCounted(t *testing.T) {
	c := &core{env: coreEnv{
		wait: func(context.Context) error { return nil }, publish: func(*nats.Msg) error { return nil },
		flush:      func(context.Context) error { return nil },
		reconnects: func() uint64 { return 3 }, begin: func() {}, refused: func() int { return 1 },
	}}
	if n, refused, err := c.publish(t.Context(), []*nats.Msg{{}}); n != 0 || refused != 1 || err != nil {
		t.Errorf("confirmed %d, refused %d, %v", n, refused, err)
	}
}
