package nats

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/natsconn"
	"ganglion/sinks/nats/embedded"
)

// Embedded is the URL that stands for a server in this process.
const Embedded = "embedded"

// Config is the sink's configuration.
type Config struct {
	URL     string `key:"url" doc:"Server to publish to, several separated by commas; embedded runs one in this process." example:"nats://10.0.0.7:4222"`
	Listen  string `key:"listen" doc:"Address of the embedded server, shared by all sinks that name it; without a host it is loopback, and any other wants a user and password, a token or an nkey, which the server then asks for; port 0 takes 4222 or the next free one, and the log says which." example:"127.0.0.1:4222"`
	Store   string `key:"store" file:"folder" doc:"Folder of the embedded server's JetStream; empty is a temporary one that ends with the process."`
	Subject string `key:"subject" doc:"Subject template; {name} is the pipeline's name and {kind} the detection's kind."`

	natsconn.Access `key:",squash"`

	Wait           time.Duration   `key:"wait" doc:"How long the start waits for a server that is not there yet; 0 does not wait." min:"0s"`
	ConnectTimeout time.Duration   `key:"connect_timeout" doc:"How long each server may take to answer at the start." min:"1ms"`
	Deadline       time.Duration   `key:"deadline" was:"timeout" doc:"How long a detection may be on its way until the server confirms it, across reconnects, before it is dropped; 0 is as never_drop." min:"0s"`
	NeverDrop      bool            `key:"never_drop" doc:"Send each detection until the server confirms it, whatever the deadline; the queue's policy decides what becomes of those behind it."`
	InFlightBytes  component.Bytes `key:"in_flight_bytes" doc:"How much is on its way before a confirmation is awaited; a slow link gets less at a time." min:"1KiB" max:"64MiB"`
	InFlight       int             `key:"in_flight" doc:"Messages on their way before a confirmation is awaited; bounds memory." min:"1" max:"4000"`

	JetStream JetStream `key:"jetstream" doc:"Publishing to a stream that stores."`
}

// JetStream configures publishing with acknowledgement by a stream.
type JetStream struct {
	Stream      string          `key:"stream" doc:"Stream that stores the detections; empty publishes without JetStream." example:"DETECTIONS"`
	Create      bool            `key:"create" doc:"Create the stream when it is missing; one that exists is never changed."`
	Subjects    []string        `key:"subjects" doc:"Subjects of a stream that is created; empty is the sink's subject with every name and kind."`
	MaxAge      time.Duration   `key:"max_age" doc:"How long a stream that is created keeps a detection; 0 is for ever." min:"0s"`
	MaxBytes    component.Bytes `key:"max_bytes" doc:"Size at which a stream that is created drops the oldest detections; 0 is without limit."`
	MaxMessages int64           `key:"max_messages" doc:"Number of detections at which a stream that is created drops the oldest; 0 is without limit." min:"0"`
	Storage     string          `key:"storage" doc:"Where a stream that is created keeps them." enum:"file,memory"`
	Replicas    int             `key:"replicas" doc:"Servers that keep a copy in a stream that is created." min:"1" max:"5"`
}

// Component declares the sink.
func Component() component.Spec {
	return component.Sink("nats", "detections as messages on NATS, with or without JetStream", NewDefaultConfig(),
		func(c Config, env component.Env) (pipeline.Sink, error) { return New(c, env) })
}

// NewDefaultConfig is the configuration of a sink that nobody configured.
func NewDefaultConfig() Config {
	return Config{
		URL: "nats://127.0.0.1:4222", Listen: "127.0.0.1:0", Subject: "ganglion.{name}.{kind}",
		ConnectTimeout: 2 * time.Second, Deadline: 10 * time.Second, InFlight: 256, InFlightBytes: 64 << 10,
		JetStream: JetStream{Create: true, Storage: "file", Replicas: 1},
	}
}

// Validate finds what the bounds of single fields cannot say.
func (c Config) Validate() error {
	return errors.Join(c.validateURL(), validateSubject(c.Subject), c.Access.Validate(), c.validateStream(), c.validateCreated())
}

func (c Config) validateURL() error {
	if c.URL == Embedded {
		if c.Credentials != "" || c.TLS != (natsconn.TLS{}) {
			return errors.New("the embedded server asks for a user and password, a token or an nkey, and knows neither credentials nor TLS")
		}
		asked := embedded.Access{User: c.User, Password: string(c.Password), Token: string(c.Token), NKey: c.NKey}
		if _, err := embedded.Check(c.Listen, asked); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
		return nil
	}
	for s := range strings.SplitSeq(c.URL, ",") {
		if _, err := natsconn.ParseURL(s); err != nil {
			return fmt.Errorf("url: %w", err)
		}
	}
	return nil
}

func (c Config) validateStream() error {
	if strings.ContainsAny(c.JetStream.Stream, ". *>/\\\t\r\n") {
		return fmt.Errorf("jetstream: stream name %q holds a blank or one of . * > / \\", c.JetStream.Stream)
	}
	return nil
}

// validateCreated finds a stream that could not be created.
func (c Config) validateCreated() error {
	s := c.JetStream
	if s.Stream == "" || !s.Create {
		return nil
	}
	if c.URL == Embedded && s.Replicas > 1 {
		return fmt.Errorf("jetstream.replicas: the embedded server is one, and cannot keep %d copies", s.Replicas)
	}
	return nil
}

// deadline is that of a detection, 0 where it has none.
func (c Config) deadline() time.Duration {
	if c.NeverDrop {
		return 0
	}
	return c.Deadline
}

// redacted is the URL list without user, password and token.
func redacted(list string) string {
	if list == Embedded {
		return list
	}
	return natsconn.Redacted(list)
}
