package dashboard

import (
	"context"
	"crypto/subtle"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"ganglion/internal/listen"
)

//go:embed web
var web embed.FS

// Server is a page with its streams, shared by its users.
type Server struct {
	cfg    Config
	log    *slog.Logger
	addr   string
	open   bool // whoever listens: nobody needs a token
	http   http.Server
	group  errgroup.Group  // owns the serving goroutine and those of streams and viewers
	ctx    context.Context // of what runs until the last user leaves
	cancel context.CancelFunc

	viewers sync.WaitGroup // their goroutines, which end with ctx

	mu      sync.Mutex // guards streams
	streams []*stream

	users int // guarded by servers.mu
}

// servers are the running servers by the address that was asked for.
var servers = struct {
	mu sync.Mutex
	by map[string]*Server
}{by: map[string]*Server{}}

// Acquire returns the server for an address, starting it when there is none: where it is,
// the caller says. The context bounds Acquire alone.
func Acquire(ctx context.Context, c Config, log *slog.Logger) (*Server, error) {
	s, _, err := acquire(ctx, c, log)
	return s, err
}

// acquire is Acquire, which reports whether there was none.
func acquire(ctx context.Context, c Config, log *slog.Logger) (s *Server, started bool, err error) {
	servers.mu.Lock()
	defer servers.mu.Unlock()
	s = servers.by[c.Listen]
	switch {
	case s == nil:
		if s, err = start(ctx, c, log); err != nil {
			return nil, false, fmt.Errorf("dashboard: %w", err)
		}
		servers.by[c.Listen], started = s, true
	case s.cfg.Token != c.Token:
		return nil, false, fmt.Errorf("dashboard: %s is served with another token", c.Listen)
	}
	s.users++
	return s, started, nil
}

func start(ctx context.Context, c Config, log *slog.Logger) (*Server, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	address, err := listen.Address(c.Listen)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: c, log: log, addr: l.Addr().String(), open: c.Token == ""}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	pages, err := fs.Sub(web, "web")
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(pages))
	mux.HandleFunc("GET /live", s.live)
	s.http = http.Server{
		Handler: s.guard(mux), ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	// The serving goroutine ends with Release of the last user.
	s.group.Go(func() error {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	return s, nil
}

// URL is the address of the page, with the token where it needs one.
func (s *Server) URL() string {
	host, port, err := net.SplitHostPort(s.addr)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		host = ownAddress()
	}
	u := "http://" + net.JoinHostPort(host, port) + "/"
	if !s.open {
		u += "?token=" + url.QueryEscape(string(s.cfg.Token))
	}
	return u
}

// ownAddress is an address of this machine that others can reach, or loopback.
func ownAddress() string {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return "127.0.0.1"
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() && n.IP.To4() != nil {
			return n.IP.String()
		}
	}
	return "127.0.0.1"
}

// cookie carries the token from the page's address to what the page loads.
const cookie = "ganglion_token"

// guard lets in who may look. With a token that is who knows it; without one it
// is who calls this machine by its address or as localhost, so that no foreign
// name that resolves to it can be used to read the page.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy",
			"default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache")
		switch {
		case s.open && !ofThisMachine(r.Host):
			http.Error(w, "ganglion: this page answers to localhost and to addresses, not to the name "+r.Host, http.StatusForbidden)
			return
		case !s.open && !s.admits(w, r):
			http.Error(w, "ganglion: this page needs its token: open the address that the program printed, which ends in ?token=...",
				http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// admits reports whether a request knows the token, and has the browser keep it.
func (s *Server) admits(w http.ResponseWriter, r *http.Request) bool {
	if s.knows(r.URL.Query().Get("token")) {
		http.SetCookie(w, &http.Cookie{
			Name: cookie, Value: url.QueryEscape(string(s.cfg.Token)), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		})
		return true
	}
	c, err := r.Cookie(cookie)
	if err != nil {
		return false
	}
	token, err := url.QueryUnescape(c.Value)
	return err == nil && s.knows(token)
}

func (s *Server) knows(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(s.cfg.Token)) == 1
}

// ofThisMachine reports whether a request was sent to localhost or to an address.
func ofThisMachine(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return host == "localhost" || net.ParseIP(trimBrackets(host)) != nil
}

func trimBrackets(host string) string {
	if n := len(host); n > 2 && host[0] == '[' && host[n-1] == ']' {
		return host[1 : n-1]
	}
	return host
}

// stream returns the stream of a name, making it when there is none.
func (s *Server) stream(name string) *stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.streams {
		if st.name == name {
			return st
		}
	}
	st := newStream(s, name)
	s.streams = append(s.streams, st)
	// The pump ends with the server.
	s.group.Go(func() error { st.pump(s.ctx); return nil })
	s.group.Go(func() error { st.replays(s.ctx); return nil })
	return st
}

// find returns the stream of a name, or the first one; nil when there is none.
func (s *Server) find(name string) *stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.streams, func(st *stream) bool { return st.name == name })
	if i < 0 && len(s.streams) == 0 {
		return nil
	}
	return s.streams[max(i, 0)]
}

func (s *Server) names() (list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.streams {
		list = append(list, st.name)
	}
	return list
}

// Release leaves the server; the last one to leave shuts it down.
func (s *Server) Release(ctx context.Context) error {
	servers.mu.Lock()
	s.users--
	last := s.users == 0
	if last {
		delete(servers.by, s.cfg.Listen)
	}
	servers.mu.Unlock()
	if !last {
		return nil
	}
	s.cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	s.viewers.Wait()
	if err := errors.Join(err, s.group.Wait()); err != nil {
		return fmt.Errorf("dashboard: %w", err)
	}
	return nil
}
