package telemetry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"ganglion/internal/listen"
	"ganglion/pipeline/runner"
)

// server is the HTTP server of one process.
type server struct {
	addr  string
	over  chan struct{} // closed when the server is shut down
	http  http.Server
	group errgroup.Group // owns the serving goroutine
}

// serve opens the address and serves.
func serve(ctx context.Context, configured string, t *Telemetry) (*server, error) {
	address, err := listen.Address(configured)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", ready(t.states))
	mux.HandleFunc("GET /summary", t.summaries)
	s := &server{addr: l.Addr().String(), over: make(chan struct{}), http: http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}}
	if !listen.Beyond(l.Addr().String()) {
		profiler(mux)
		mux.HandleFunc("GET /detections", t.detections(s.over))
	}
	// The serving goroutine ends with shutdown.
	s.group.Go(func() error {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	return s, nil
}

// health is what /readyz tells of a pipeline.
type health struct {
	Name     string           `json:"name"`
	Ready    bool             `json:"ready"`
	Problems []runner.Problem `json:"problems,omitempty"`
}

// ready answers 200 when pipelines are watched and nothing is wrong with any of
// them, else 503, and in both cases what is wrong with which, as JSON.
func ready(states func() []health) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		answer := struct {
			Ready     bool     `json:"ready"`
			Pipelines []health `json:"pipelines"`
		}{Pipelines: states()}
		answer.Ready = len(answer.Pipelines) > 0
		for _, s := range answer.Pipelines {
			answer.Ready = answer.Ready && s.Ready
		}
		w.Header().Set("Content-Type", "application/json")
		if !answer.Ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(answer) // who asked may be gone
	}
}

func profiler(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
}

// shutdown lets requests in progress finish within the context.
func (s *server) shutdown(ctx context.Context) error {
	close(s.over)
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	return errors.Join(err, s.group.Wait())
}
