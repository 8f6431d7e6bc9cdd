package otlp

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
)

// settings is what the environment says about one signal.
type settings struct {
	headers http.Header
	timeout time.Duration // of an export, with its further tries
	gzip    bool
	tls     *tls.Config // nil: as Go has it
}

// variable is a value of the environment: that of the signal, METRICS or TRACES,
// before that of both. Empty is not set.
func variable(signal, name string) string {
	return cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_"+signal+"_"+name), os.Getenv("OTEL_EXPORTER_OTLP_"+name))
}

// readSettings reads the environment. What cannot be read is told to OpenTelemetry's
// error handler, by its variable, and does not count, as the specification has it;
// certificates must be there.
func readSettings(signal string) (s settings, err error) {
	s = settings{headers: http.Header{}, timeout: 10 * time.Second}
	fault := func(name, is, want string) {
		otel.Handle(fmt.Errorf("OTEL_EXPORTER_OTLP_%s: %q is not %s", name, is, want))
	}
	for pair := range strings.SplitSeq(variable(signal, "HEADERS"), ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		key, value, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if !ok || err != nil {
			otel.Handle(errors.New("OTEL_EXPORTER_OTLP_HEADERS: is not a list key=value,key=value")) // it may hold a secret
			continue
		}
		s.headers.Set(strings.TrimSpace(key), value)
	}
	if v := variable(signal, "TIMEOUT"); v != "" {
		if ms, err := strconv.Atoi(v); err != nil || ms <= 0 {
			fault("TIMEOUT", v, "a number of milliseconds")
		} else {
			s.timeout = time.Duration(ms) * time.Millisecond
		}
	}
	switch v := variable(signal, "COMPRESSION"); v {
	case "gzip":
		s.gzip = true
	case "", "none":
	default:
		fault("COMPRESSION", v, "gzip or none")
	}
	s.tls, err = certificates(signal)
	return s, err
}

// certificates reads whom to trust and who we are.
func certificates(signal string) (*tls.Config, error) {
	authority, own, key := variable(signal, "CERTIFICATE"), variable(signal, "CLIENT_CERTIFICATE"), variable(signal, "CLIENT_KEY")
	if authority == "" && own == "" && key == "" {
		return nil, nil
	}
	c := new(tls.Config)
	if authority != "" {
		pem, err := os.ReadFile(authority)
		if err != nil {
			return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_CERTIFICATE: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_CERTIFICATE: %s holds no certificate", authority)
		}
	}
	if own != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(own, key)
		if err != nil {
			return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and _CLIENT_KEY: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
