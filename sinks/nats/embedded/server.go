package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"ganglion/internal/listen"
	"ganglion/internal/outfile"
)

// Options say which server is wanted.
type Options struct {
	Listen    string // host:port; without a host it is loopback, port 0 takes 4222 or the next free one
	Access    Access // who may connect; an open server listens on loopback alone
	JetStream bool
	StoreDir  string // JetStream's folder; empty is a temporary one, removed at the end
	Log       *slog.Logger
}

// Server is a running server, shared by its users.
type Server struct {
	address string
	access  Access
	srv     natsServer
	log     *logger

	// Guarded by servers.mu.
	users     int
	storeDir  string             // where JetStream runs, empty while it does not
	temporary *outfile.Temporary // to remove at the end
	hold      *outfile.Hold      // of a folder that stays
}

// natsServer is what is used of a [server.Server] that runs. With that itself in
// [Server], every package that knows it would compile 465 generic functions behind it
// again (docs/performance.md).
type natsServer interface {
	ClientURL() string
	Shutdown()
	WaitForShutdown()

	keepIn(dir string) error
	pending() bool
}

// running is a server of theirs. It does not embed it: that would compile a wrapper for
// each of its methods.
type running struct{ srv *server.Server }

func (r running) ClientURL() string { return r.srv.ClientURL() }

func (r running) Shutdown() { r.srv.Shutdown() }

func (r running) WaitForShutdown() { r.srv.WaitForShutdown() }

// keepIn runs JetStream in a folder.
func (r running) keepIn(dir string) error {
	return r.srv.EnableJetStream(&server.JetStreamConfig{StoreDir: dir})
}

// pending reports whether a client has bytes waiting.
func (r running) pending() bool {
	all, err := r.srv.Connz(&server.ConnzOptions{Limit: 1 << 16})
	if err != nil {
		return false
	}
	return slices.ContainsFunc(all.Conns, func(c *server.ConnInfo) bool { return c.Pending > 0 })
}

// servers are the running servers by the address that was asked for.
var servers = struct {
	mu sync.Mutex
	by map[string]*Server
}{by: map[string]*Server{}}

const (
	// startTimeout bounds how long a server may take to accept connections.
	startTimeout = 10 * time.Second
	// writeDeadline is how long a subscriber may take nothing before it is cut
	// off. It bounds how long one can hold the shutdown up.
	writeDeadline = 2 * time.Second
)

// Acquire returns the server for an address, starting it when there is none.
func Acquire(o Options) (*Server, error) {
	s, err := join(o)
	if err != nil {
		return nil, fmt.Errorf("embedded nats-server on %s: %w", o.Listen, err)
	}
	return s, nil
}

func join(o Options) (_ *Server, err error) {
	if o.Listen, err = Check(o.Listen, o.Access); err != nil {
		return nil, err
	}
	servers.mu.Lock()
	defer servers.mu.Unlock()
	s := servers.by[o.Listen]
	switch {
	case s == nil:
		if s, err = start(o); err != nil {
			return nil, err
		}
		servers.by[o.Listen] = s
	case s.access != o.Access:
		return nil, errors.New("it runs already, and lets others in than this user asks for")
	}
	s.users++
	if o.JetStream {
		if err := s.enableJetStream(o.StoreDir); err != nil {
			return nil, errors.Join(err, s.leave())
		}
	}
	return s, nil
}

// Check returns where a server would listen, or why it must not.
func Check(configured string, a Access) (address string, err error) {
	if address, err = listen.Address(configured); err != nil {
		return "", err
	}
	return address, a.refuse(address)
}

func start(o Options) (*Server, error) {
	host, port, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("port %q is not a number", port)
	}
	if n != 0 {
		return startOn(o, host, n)
	}
	for n = firstPort; n < firstPort+usualPorts; n++ {
		if l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(n))); err == nil {
			l.Close()
			if s, err := startOn(o, host, n); err == nil {
				return s, nil
			} // somebody was faster
		}
	}
	return startOn(o, host, server.RANDOM_PORT)
}

// NATS's own port, and how many from there on are tried where none is asked for.
const (
	firstPort  = 4222
	usualPorts = 10
)

func startOn(o Options, host string, n int) (*Server, error) {
	options := &server.Options{Host: host, Port: n, NoSigs: true, NoSystemAccount: true, WriteDeadline: writeDeadline}
	ask(options, o.Access)
	srv, err := server.NewServer(options)
	if err != nil {
		return nil, err
	}
	s := &Server{address: o.Listen, access: o.Access, srv: running{srv}, log: &logger{log: o.Log}}
	srv.SetLoggerV2(s.log, false, false, false)
	srv.Start()
	err = s.log.fatal()
	if err == nil && !srv.ReadyForConnections(startTimeout) {
		err = errors.New("accepts no connections")
	}
	if err != nil {
		srv.Shutdown()
		srv.WaitForShutdown()
		return nil, err
	}
	o.Log.Info("started an embedded nats-server", "url", srv.ClientURL(), "open", o.Access.open())
	return s, nil
}

// enableJetStream runs JetStream in a folder, the empty one standing for a
// temporary one. The lock is held.
func (s *Server) enableJetStream(dir string) error {
	if s.storeDir != "" {
		if dir != "" && dir != s.storeDir {
			return fmt.Errorf("JetStream already stores in %s, not in %s", s.storeDir, dir)
		}
		return nil
	}
	if err := s.takeFolder(dir); err != nil {
		return err
	}
	if s.temporary != nil {
		dir = s.temporary.Dir
	}
	if err := s.srv.keepIn(dir); err != nil {
		return errors.Join(fmt.Errorf("JetStream in %s: %w", dir, err), s.leaveFolder())
	}
	s.storeDir = dir
	return nil
}

// takeFolder makes a folder for JetStream this process's own: another server
// that writes to it would destroy what this one stores.
func (s *Server) takeFolder(dir string) (err error) {
	if dir == "" {
		s.temporary, err = outfile.NewTemporary("ganglion-jetstream-")
	} else {
		s.hold, err = outfile.NewHold(filepath.Join(dir, "ganglion.lock"))
	}
	if err != nil {
		return fmt.Errorf("JetStream's folder: %w", err)
	}
	return nil
}

// leaveFolder removes a temporary folder and lets others have one that stays.
func (s *Server) leaveFolder() (err error) {
	if s.temporary != nil {
		err = s.temporary.Remove()
	}
	err = errors.Join(err, s.hold.Release())
	s.temporary, s.hold = nil, nil
	return err
}

// URL is where clients of this machine connect.
func (s *Server) URL() string {
	u := s.srv.ClientURL()
	for _, every := range []string{"0.0.0.0", "[::]"} {
		u = strings.Replace(u, "//"+every+":", "//localhost:", 1)
	}
	return u
}

// Release leaves the server. The last user's Release first waits, as long as
// the context allows, until what was published is on its way to every
// subscriber: a server that shuts down gives each only 100 ms.
func (s *Server) Release(ctx context.Context) error {
	servers.mu.Lock()
	last := s.users == 1
	servers.mu.Unlock()
	if last {
		s.drain(ctx)
	}
	servers.mu.Lock()
	defer servers.mu.Unlock()
	return s.leave()
}

// leave shuts the server down with its last user. The lock is held.
func (s *Server) leave() error {
	if s.users--; s.users > 0 {
		return nil
	}
	delete(servers.by, s.address)
	s.srv.Shutdown()
	s.srv.WaitForShutdown()
	return s.leaveFolder()
}

// drain returns when no client has bytes waiting in the server, or the context
// ends.
func (s *Server) drain(ctx context.Context) {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for s.srv.pending() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
