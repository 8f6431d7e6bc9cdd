package udp

import (
	"fmt"
	"time"

	"ganglion/internal/listen"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/format"
	"ganglion/sources/format/aedat"
)

// Values of config.Protocol.
const (
	SPIF        = "spif"
	EventStream = "es"
	JAER        = "jaer"
	Faery       = "faery"
	Faery32     = "faery32"
)

// Values of config.Policy.
const (
	dropOldest = "drop-oldest"
	dropNewest = "drop-newest"
)

// config is the configuration of the source.
type config struct {
	Listen   string        `key:"listen" doc:"Address and port to receive at; without an address it is loopback, 0.0.0.0 and [::] are every interface." example:"127.0.0.1:3333"`
	Protocol string        `key:"protocol" doc:"What the datagrams hold: SPIF words, Event Stream records, jAER's addresses, or faery's records of 64 or 32 bits of time." enum:"spif,es,jaer,faery,faery32"`
	Chip     string        `key:"chip" doc:"Jaer: the chip whose addresses are sent; empty takes the smallest of the sensor's size." example:"DAVIS240C"`
	Sequence bool          `key:"sequence" doc:"Jaer: datagrams begin with a sequence number, as jAER sends them unless told otherwise."`
	Width    int           `key:"width" doc:"Sensor width." unit:"px" min:"1" max:"32768" required:"true" example:"640"`
	Height   int           `key:"height" doc:"Sensor height." unit:"px" min:"1" max:"32768" required:"true" example:"480"`
	Window   time.Duration `key:"window" doc:"Length of a batch in sensor time, in whole microseconds, and how long an event waits for its batch at most." min:"1us"`
	Queue    int           `key:"queue" doc:"Datagrams that may wait to be taken apart." min:"1" max:"65536"`
	Policy   string        `key:"policy" doc:"What is dropped when the queue is full." enum:"drop-oldest,drop-newest"`
}

// Component declares the source.
func Component() component.Spec {
	return component.Source("udp", "camera events in UDP datagrams, live",
		config{Listen: "127.0.0.1:3333", Protocol: SPIF, Sequence: true, Window: 10 * time.Millisecond, Queue: 4096, Policy: dropOldest},
		func(c config, env component.Env) (pipeline.Source, error) { return newSource(c, env), nil })
}

// Validate reports what the field tags cannot say.
func (c *config) Validate() error {
	if _, err := listen.Address(c.Listen); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if _, err := c.addresses(); err != nil {
		return fmt.Errorf("chip: %w", err)
	}
	if c.Window%time.Microsecond != 0 {
		return fmt.Errorf("window: %v is not a whole number of microseconds", c.Window)
	}
	return nil
}

// addresses are those of jAER's datagrams.
func (c *config) addresses() (aedat.Addresses, error) {
	if c.Chip != "" {
		return aedat.AddressesOf(c.Chip)
	}
	return aedat.AddressesFor(format.Info{Width: max(c.Width, 1), Height: max(c.Height, 1)})
}
