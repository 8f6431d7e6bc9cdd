package telemetry

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"ganglion/pipeline/runner"
	"ganglion/pipeline/telemetry/otlp"
)

// scope names this program's instruments among those of libraries.
const scope = "ganglion"

// Telemetry watches the pipelines of a process.
type Telemetry struct {
	registry *prometheus.Registry
	metrics  meterProvider
	traces   tracerProvider
	server   *server

	mu      sync.Mutex // guards watched
	watched []Watched
}

// meterProvider and tracerProvider are what is used of OpenTelemetry's providers. With
// these themselves in [Telemetry], every package that knows it would compile the 1,334
// generic functions behind them again (docs/performance.md).
type meterProvider interface {
	metric.MeterProvider
	Shutdown(ctx context.Context) error
}

type tracerProvider interface {
	trace.TracerProvider
	Shutdown(ctx context.Context) error
}

// Watched is what telemetry shows: a [runner.Runner], or who keeps such an account
// of something else. Any goroutine may ask at any time.
type Watched interface {
	Name() string
	Started() time.Time // zero: not yet
	Summary() runner.Summary
	Problems() []runner.Problem
	Latencies(bounds []time.Duration) (counts []uint64, total uint64, sum time.Duration)
}

// ErrorHandler logs what OpenTelemetry could not export. The handler is the
// process's, so the program sets it, with otel.SetErrorHandler.
func ErrorHandler(log *slog.Logger) otel.ErrorHandler {
	return otel.ErrorHandlerFunc(func(err error) { log.Warn("telemetry export failed", "error", err) })
}

// New starts what the config asks for: the server listens when New returns.
// Version is the program's own. The context bounds New alone.
func New(ctx context.Context, c Config, version string, log *slog.Logger) (_ *Telemetry, err error) {
	t := new(Telemetry)
	defer func() {
		if err != nil {
			err = fmt.Errorf("telemetry: %w", errors.Join(err, t.Shutdown(ctx)))
		}
	}()
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if c.OTLP.Endpoint != "" {
		c.OTLP.Endpoint = strings.TrimSuffix(c.OTLP.Endpoint, "/")
	}
	res, err := resourceOf(ctx, version)
	if err != nil {
		return nil, err
	}
	if err := t.startMetrics(c, res); err != nil {
		return nil, err
	}
	if err := t.startTraces(ctx, c.OTLP, res); err != nil {
		return nil, err
	}
	if c.Listen != "" {
		if t.server, err = serve(ctx, c.Listen, t); err != nil {
			return nil, err
		}
		log.Info("telemetry is served", "address", t.addr())
	}
	return t, nil
}

// resourceOf describes the process: OTEL_SERVICE_NAME and
// OTEL_RESOURCE_ATTRIBUTES replace what is said here.
func resourceOf(ctx context.Context, version string) (*resource.Resource, error) {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return resource.New(ctx, resource.WithAttributes(
		attribute.String("service.name", "ganglion"), attribute.String("service.version", version),
		attribute.String("service.instance.id", hex.EncodeToString(id[:])),
	), resource.WithFromEnv())
}

func (t *Telemetry) startMetrics(c Config, res *resource.Resource) error {
	options := []sdkmetric.Option{sdkmetric.WithResource(res)}
	if c.Listen != "" {
		t.registry = prometheus.NewRegistry()
		t.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
		reader, err := otelprom.New(otelprom.WithRegisterer(t.registry), otelprom.WithProducer(t), otelprom.WithoutScopeInfo())
		if err != nil {
			return fmt.Errorf("prometheus: %w", err)
		}
		options = append(options, sdkmetric.WithReader(reader))
	}
	if c.OTLP.Endpoint != "" {
		exporter, err := otlp.NewMetrics(c.OTLP.Endpoint + "/v1/metrics")
		if err != nil {
			return fmt.Errorf("otlp metrics: %w", err)
		}
		options = append(options, sdkmetric.WithReader(
			sdkmetric.NewPeriodicReader(exporter, sdkmetric.WithInterval(c.OTLP.Interval), sdkmetric.WithProducer(t))))
	}
	t.metrics = sdkmetric.NewMeterProvider(options...) // it starts the readers
	return nil
}

func (t *Telemetry) startTraces(ctx context.Context, c OTLP, res *resource.Resource) error {
	if c.Endpoint == "" || c.SampleRatio == 0 {
		return nil
	}
	exporter, err := otlp.NewTraces(ctx, c.Endpoint+"/v1/traces")
	if err != nil {
		return fmt.Errorf("otlp traces: %w", err)
	}
	t.traces = sdktrace.NewTracerProvider(sdktrace.WithResource(res), sdktrace.WithBatcher(exporter),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(c.SampleRatio))))
	return nil
}

// reloadCounters are figures of the process, as opposed to those of a pipeline.
var reloadCounters = [2]definition{
	{"ganglion.config.reloads", counter, "{reload}", "", "Times that the configuration was read again and taken over.", nil},
	{"ganglion.config.reload_failures", counter, "{reload}", "", "Times that it was faulty, and the old one ran on.", nil},
}

// CountReloads shows how often the configuration was read again, taken over and
// refused.
func (t *Telemetry) CountReloads(taken, refused func() int64) error {
	for i, value := range []func() int64{taken, refused} {
		d := reloadCounters[i]
		_, err := t.metrics.Meter(scope).Int64ObservableCounter(d.name, metric.WithUnit(d.unit), metric.WithDescription(d.doc),
			metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
				o.Observe(value())
				return nil
			}))
		if err != nil {
			return fmt.Errorf("telemetry: %w", err)
		}
	}
	return nil
}

// Tracer is what a run's options need for traces, or nil when none are made.
func (t *Telemetry) Tracer() trace.Tracer {
	if t.traces == nil {
		return nil
	}
	return t.traces.Tracer(scope)
}

// Watch shows a run's figures, and counts it for /readyz, until stop is
// called. A run that is over keeps its last figures. Two watched runs cannot
// have one name.
func (t *Telemetry) Watch(r Watched) (stop func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, other := range t.watched {
		if other.Name() == r.Name() {
			return nil, fmt.Errorf("telemetry: a pipeline named %q is watched already", r.Name())
		}
	}
	t.watched = append(t.watched, r)
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.watched = slices.DeleteFunc(t.watched, func(w Watched) bool { return w == r })
	}, nil
}

// states tells what is wrong with each watched pipeline.
func (t *Telemetry) states() (list []health) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range t.watched {
		problems := r.Problems()
		list = append(list, health{Name: r.Name(), Ready: len(problems) == 0, Problems: problems})
	}
	return list
}

// addr is the address that the server listens on, empty when there is none.
func (t *Telemetry) addr() string {
	if t.server == nil {
		return ""
	}
	return t.server.addr
}

// Shutdown stops the server and sends what has not been sent. The context
// bounds it.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	var errs []error
	if t.server != nil {
		errs = append(errs, t.server.shutdown(ctx))
	}
	if t.traces != nil {
		errs = append(errs, t.traces.Shutdown(ctx))
	}
	if t.metrics != nil {
		errs = append(errs, t.metrics.Shutdown(ctx))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("telemetry: shutdown: %w", err)
	}
	return nil
}
