package cmd

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/format"
	"ganglion/sources/recording"
	"ganglion/sources/udp"
)

// target is what a conversion writes to: a recording, or datagrams.
type target interface {
	WriteBlock(*format.Block) error
	Lost() []pipeline.Damage // what it could not hold, by kind
	Close() error
}

// udpScheme begins the name of a target that is not a file.
const udpScheme = "udp://"

// datagramFormats are what --to names for such a target.
var datagramFormats = []string{udp.SPIF, udp.EventStream}

// datagramName begins the name of what they hold, in the account.
const datagramName = "udp-"

// datagramFormat is the format to send: SPIF, unless another one is named.
func datagramFormat(out, to string) (string, error) {
	if _, _, err := net.SplitHostPort(strings.TrimPrefix(out, udpScheme)); err != nil {
		return "", fmt.Errorf("%s: want udp://HOST:PORT", out)
	}
	if to == "" {
		to = udp.SPIF
	}
	if !slices.Contains(datagramFormats, to) {
		return "", fmt.Errorf("--to: unknown format %q of datagrams%s, know %s",
			to, component.DidYouMean(to, datagramFormats), strings.Join(datagramFormats, ", "))
	}
	return datagramName + to, nil
}

// datagrams sends the events of blocks; what lies beside them has no place
// there.
type datagrams struct {
	*udp.Writer
	beside pipeline.DamageReport
}

// dial opens the way to a receiver, at a pace.
func (c *converter) dial(ctx context.Context) (target, error) {
	pacer, err := recording.NewPacer(c.flags.pace, time.Now)
	if err != nil {
		return nil, usage(fmt.Errorf("--pace: %w", err))
	}
	protocol := strings.TrimPrefix(c.info.Format, datagramName)
	if protocol == udp.EventStream && c.info.Height <= 0 {
		return nil, usage(fmt.Errorf("%s does not state the sensor's size, from whose bottom rows are counted: give --width and --height", c.in))
	}
	w, err := udp.Dial(strings.TrimPrefix(c.out, udpScheme), protocol, c.info.Height)
	if err != nil {
		return nil, err
	}
	w.Pace(func(t int64) error { return pacer.Wait(ctx, t) })
	return &datagrams{Writer: w}, nil
}

// WriteBlock sends the events.
func (d *datagrams) WriteBlock(b *format.Block) error {
	for i := range b.Side {
		d.beside.Add(b.Side[i].Kind.String(), 0, b.Side[i].T, 1)
	}
	return d.Write(b.Events)
}

// Lost is what was not sent.
func (d *datagrams) Lost() []pipeline.Damage { return slices.Concat(d.beside.List(), d.Writer.Lost()) }
