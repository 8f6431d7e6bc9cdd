package tcp

import (
	"fmt"
	"net"
	"slices"
	"time"

	"ganglion/internal/listen"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/format"
	"ganglion/sources/recording"
)

// Values of [Config].Policy.
const (
	policyBlock = "block"
	dropOldest  = "drop-oldest"
	dropNewest  = "drop-newest"
)

// autoFormat leaves the format to the first bytes.
const autoFormat = "auto"

// Config is the configuration of the source.
type Config struct {
	Address string        `key:"address" doc:"Address and port to connect to, unless it listens." example:"127.0.0.1:10000"`
	Listen  string        `key:"listen" doc:"In place of address: address and port to wait for a sender at; without an address it is loopback." example:"127.0.0.1:10000"`
	Format  string        `key:"format" doc:"What is sent: aedat4 (DV), aedat3 (cAER), or a format of recordings; auto recognises it." example:"evt3"`
	Stream  string        `key:"stream" doc:"Which of several streams of events is read, by its name."`
	Width   int           `key:"width" doc:"Sensor width, where the stream states none." unit:"px" min:"0" max:"65535"`
	Height  int           `key:"height" doc:"Sensor height, where the stream states none." unit:"px" min:"0" max:"65535"`
	Window  time.Duration `key:"window" doc:"Length of a batch in sensor time, in whole microseconds, and how long an event waits for its batch at most." min:"1us"`
	Wait    time.Duration `key:"wait" doc:"How long the first connection is waited for; 0 waits for ever." min:"0s"`
	Queue   int           `key:"queue" doc:"Blocks of up to 4096 events that may wait." min:"1" max:"65536"`
	Policy  string        `key:"policy" doc:"What happens when the queue is full: the sender waits, or blocks are dropped." enum:"block,drop-oldest,drop-newest"`
}

// NewDefaultConfig is the default.
func NewDefaultConfig() Config {
	return Config{
		Address: "127.0.0.1:10000", Format: autoFormat, Window: 10 * time.Millisecond, Wait: 10 * time.Second, Queue: 256, Policy: dropOldest,
	}
}

// Component declares the source.
func Component() component.Spec {
	return component.Source("tcp", "camera events over a TCP connection, live",
		NewDefaultConfig(), func(c Config, env component.Env) (pipeline.Source, error) { return New(c, env), nil })
}

// Validate reports what the field tags cannot say.
func (c *Config) Validate() error {
	if c.Listen != "" {
		if _, err := listen.Address(c.Listen); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	} else if _, _, err := net.SplitHostPort(c.Address); err != nil {
		return fmt.Errorf("address: %q is not an address such as 127.0.0.1:10000", c.Address)
	}
	if c.Format != autoFormat {
		i := slices.IndexFunc(recording.Formats(), func(f format.Format) bool { return f.Name == c.Format })
		if i < 0 {
			return fmt.Errorf("format: unknown recording format %q", c.Format)
		}
		if recording.Formats()[i].Open == nil {
			return fmt.Errorf("format: %s is not read front to back", c.Format)
		}
	}
	if c.Window%time.Microsecond != 0 {
		return fmt.Errorf("window: %v is not a whole number of microseconds", c.Window)
	}
	return nil
}
