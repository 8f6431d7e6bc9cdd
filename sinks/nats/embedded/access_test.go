package embedded

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// serverAt runs a server until the test ends.
func serverAt(t *testing.T, address string, a Access) *Server {
	t.Helper()
	s, err := Acquire(Options{Listen: address, Access: a, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Release(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// admitted reports whether a client gets in.
func admitted(s *Server, o ...nats.Option) bool {
	nc, err := nats.Connect(s.URL(), o...)
	if err != nil {
		return false
	}
	defer nc.Close()
	return nc.Flush() == nil
}

func TestAServerThatOthersReachAsksWhoTheyAre(t *testing.T) {
	known, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, err := known.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	strange, err := stranger.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		access       Access
		right, wrong nats.Option
	}{
		"password": {Access{User: "tom", Password: "geheim"}, nats.UserInfo("tom", "geheim"), nats.UserInfo("tom", "geheimer")},
		"token":    {Access{Token: "geheim"}, nats.Token("geheim"), nats.Token("")},
		"nkey":     {Access{NKey: public}, nats.Nkey(public, known.Sign), nats.Nkey(strange, stranger.Sign)},
	} {
		t.Run(name, func(t *testing.T) {
			s := serverAt(t, "0.0.0.0:0", c.access)
			if !admitted(s, c.right) {
				t.Error("who may is not let in")
			}
			if admitted(s, c.wrong) || admitted(s) {
				t.Error("a stranger is let in")
			}
		})
	}
}

func TestAnOpenServerStaysOnLoopback(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", "[::]:0"} {
		if s, err := Acquire(Options{Listen: address, Log: slog.New(slog.DiscardHandler)}); err == nil {
			t.Errorf("an open server listens at %s", s.URL())
			_ = s.Release(context.Background())
		} else if !strings.Contains(err.Error(), "lets everybody in") {
			t.Error(err)
		}
	}
	if s := serverAt(t, ":0", Access{}); !strings.Contains(s.URL(), "//127.0.0.1:") || !admitted(s) {
		t.Errorf("without a host it listens at %s", s.URL())
	}
}

func TestAServerHasOneWayToAsk(t *testing.T) {
	serverAt(t, "127.0.0.1:0", Access{Token: "geheim"})
	_, err := Acquire(Options{Listen: ":0", Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "lets others in") {
		t.Errorf("a second user who asks for nothing gets %v", err)
	}
}
