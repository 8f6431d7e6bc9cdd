package telemetry

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"ganglion/internal/listen"
)

// Config is the top-level config key "telemetry". Pipelines of one process
// with equal configs share one [Telemetry].
type Config struct {
	Listen string `key:"listen" doc:"Address of the HTTP server with /metrics, /summary, /livez and /readyz, on loopback also /detections and /debug/pprof; without a host it is loopback; empty starts none." example:"127.0.0.1:9464"`
	OTLP   OTLP   `key:"otlp" doc:"Export to an OpenTelemetry collector."`
}

// OTLP is the export of metrics and traces over OTLP/HTTP. The exporter also
// obeys the OTEL_EXPORTER_OTLP_HEADERS and certificate variables of the
// OpenTelemetry specification.
type OTLP struct {
	Endpoint    string        `key:"endpoint" doc:"Base URL of the collector; empty exports nothing." example:"http://127.0.0.1:4318"`
	Interval    time.Duration `key:"interval" doc:"Time between two exports of the metrics." min:"100ms" max:"1h"`
	SampleRatio float64       `key:"sample_ratio" doc:"Share of the batches that are traced." min:"0" max:"1"`
}

// NewDefaultConfig listens nowhere and exports nothing.
func NewDefaultConfig() Config {
	return Config{OTLP: OTLP{Interval: 10 * time.Second, SampleRatio: 0.01}}
}

// Validate checks what the tags cannot say.
func (c Config) Validate() error {
	var errs []error
	if c.Listen != "" {
		if _, err := listen.Address(c.Listen); err != nil {
			errs = append(errs, fmt.Errorf("listen: %w", err))
		}
	}
	if e := c.OTLP.Endpoint; e != "" {
		u, err := url.Parse(e)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			errs = append(errs, fmt.Errorf("otlp.endpoint: %q is not an http or https URL", e))
		}
	}
	return errors.Join(errs...)
}
