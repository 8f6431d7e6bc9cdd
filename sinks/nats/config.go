package nats

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"ganglion/pipeline/component"
)

// Embedded is the URL that stands for a server in this process.
const Embedded = "embedded"

// Config is the sink's configuration.
type Config struct {
	URL     string `key:"url" doc:"server to publish to, several separated by commas; embedded runs one in this process" example:"nats://10.0.0.7:4222"`
	Listen  string `key:"listen" doc:"address of the embedded server, shared by all sinks that name it; port 0 takes a free one and the log says which" example:"127.0.0.1:4222"`
	Store   string `key:"store" doc:"folder of the embedded server's JetStream; empty is a temporary one that ends with the process"`
	Subject string `key:"subject" doc:"subject template; {name} is the pipeline's name and {kind} the detection's kind"`

	Credentials string           `key:"credentials" doc:"file with a user's JWT and key"`
	NKey        string           `key:"nkey" doc:"file with a user's NKey seed"`
	User        string           `key:"user" doc:"user name"`
	Password    component.Secret `key:"password" doc:"the user's password"`
	Token       component.Secret `key:"token" doc:"authentication token"`
	TLS         TLS              `key:"tls" doc:"certificates"`

	ConnectTimeout time.Duration `key:"connect_timeout" doc:"how long each server may take to answer at the start" min:"1ms"`
	Timeout        time.Duration `key:"timeout" doc:"how long a write waits for the server to confirm, across reconnects, before detections count as lost" min:"1ms"`
	InFlight       int           `key:"in_flight" doc:"messages on their way before a confirmation is awaited; bounds memory" min:"1" max:"4000"`

	JetStream JetStream `key:"jetstream" doc:"publishing to a stream that stores"`
}

// TLS names certificate files.
type TLS struct {
	CA   string `key:"ca" doc:"file with the certificates that may have signed the server's; empty trusts the system's"`
	Cert string `key:"cert" doc:"file with the client's certificate"`
	Key  string `key:"key" doc:"file with the client's key"`
}

// JetStream configures publishing with acknowledgement by a stream.
type JetStream struct {
	Stream   string        `key:"stream" doc:"stream that stores the detections; empty publishes without JetStream" example:"DETECTIONS"`
	Create   bool          `key:"create" doc:"create the stream when it is missing; one that exists is never changed"`
	Subjects []string      `key:"subjects" doc:"subjects of a stream that is created; empty is the sink's subject with every name and kind"`
	MaxAge   time.Duration `key:"max_age" doc:"how long a stream that is created keeps a detection; 0 is for ever" min:"0s"`
	Storage  string        `key:"storage" doc:"where a stream that is created keeps them" enum:"file,memory"`
	Replicas int           `key:"replicas" doc:"servers that keep a copy in a stream that is created" min:"1" max:"5"`
}

// Component declares the sink.
var Component = component.Sink("nats", "detections as messages on NATS, with or without JetStream", Defaults(), New)

// Defaults is the configuration of a sink that nobody configured.
func Defaults() Config {
	return Config{
		URL: "nats://127.0.0.1:4222", Listen: "127.0.0.1:0", Subject: "ganglion.{name}.{kind}",
		ConnectTimeout: 2 * time.Second, Timeout: 10 * time.Second, InFlight: 256,
		JetStream: JetStream{Create: true, Storage: "file", Replicas: 1},
	}
}

// Validate finds what the bounds of single fields cannot say.
func (c Config) Validate() error {
	return errors.Join(c.validateURL(), validateSubject(c.Subject), c.validateAuth(), c.validateStream())
}

func (c Config) validateURL() error {
	if c.URL == Embedded {
		if _, _, err := net.SplitHostPort(c.Listen); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		if c.methods() > 0 || c.TLS != (TLS{}) {
			return errors.New("the embedded server takes neither credentials nor TLS")
		}
		return nil
	}
	for s := range strings.SplitSeq(c.URL, ",") {
		if _, err := parseURL(s); err != nil {
			return fmt.Errorf("url: %w", err)
		}
	}
	return nil
}

// methods counts the ways to authenticate that are configured.
func (c Config) methods() (n int) {
	for _, set := range []bool{c.Credentials != "", c.NKey != "", c.User != "" || c.Password != "", c.Token != ""} {
		if set {
			n++
		}
	}
	return n
}

func (c Config) validateAuth() error {
	switch {
	case c.methods() > 1:
		return errors.New("more than one of credentials, nkey, user and token")
	case c.Password != "" && c.User == "":
		return errors.New("a password without a user")
	case (c.TLS.Cert == "") != (c.TLS.Key == ""):
		return errors.New("tls wants both cert and key or neither")
	}
	return nil
}

func (c Config) validateStream() error {
	if strings.ContainsAny(c.JetStream.Stream, ". *>/\\\t\r\n") {
		return fmt.Errorf("jetstream: stream name %q holds a blank or one of . * > / \\", c.JetStream.Stream)
	}
	return nil
}

// parseURL reads one server URL. Its errors do not repeat the URL, which may
// hold a password.
func parseURL(s string) (*url.URL, error) {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "://") {
		s = "nats://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("not a URL such as nats://host:4222")
	}
	switch {
	case u.Scheme != "nats" && u.Scheme != "tls" && u.Scheme != "ws" && u.Scheme != "wss":
		return nil, fmt.Errorf("scheme %q is none of nats, tls, ws, wss", u.Scheme)
	case u.Hostname() == "":
		return nil, errors.New("no host")
	}
	return u, nil
}

// redacted is the URL list without user, password and token.
func redacted(list string) string {
	if list == Embedded {
		return list
	}
	var out []string
	for s := range strings.SplitSeq(list, ",") {
		u, err := parseURL(s)
		if err != nil {
			out = append(out, "malformed URL")
			continue
		}
		u.User = nil
		out = append(out, u.String())
	}
	return strings.Join(out, ",")
}
