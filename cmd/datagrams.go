package cmd

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sources/format"
	"ganglion/sources/pace"
	"ganglion/sources/recording"
	"ganglion/sources/tcp"
	"ganglion/sources/udp"
)

// target is what a conversion writes to: a recording, or datagrams.
type target interface {
	WriteBlock(*format.Block) error
	Lost() []pipeline.Damage // what it could not hold, by kind
	Close() error
}

// Schemes begin the name of a target that is not a file: datagrams, a connection to
// a receiver, and one that a receiver makes.
const (
	udpScheme    = "udp://"
	tcpScheme    = "tcp://"
	listenScheme = "tcp-listen://"
)

// scheme is what a name of OUT begins with, if that is not a file's.
func scheme(out string) string {
	for _, s := range []string{udpScheme, tcpScheme, listenScheme} {
		if strings.HasPrefix(out, s) {
			return s
		}
	}
	return ""
}

// connectionName begins the name of what a connection carries, in the account.
const connectionName = "tcp-"

// connectionFormat is the format to send over a connection: AEDAT 4 as DV sends it,
// unless another one is named.
func connectionFormat(out, to string) (string, error) {
	if _, _, err := net.SplitHostPort(strings.TrimPrefix(out, scheme(out))); err != nil {
		return "", fmt.Errorf("%s: want %sHOST:PORT", out, scheme(out))
	}
	switch to {
	case "":
		to = "aedat4"
	case tcp.AEDAT3:
		return connectionName + to, nil
	}
	if _, err := recording.NewWriter(io.Discard, out, to, format.Info{Width: 1, Height: 1}); err != nil {
		return "", fmt.Errorf("--to: %w", err)
	}
	return connectionName + to, nil
}

// datagramFormats are what --to names for such a target.
var datagramFormats = []string{udp.SPIF, udp.EventStream, udp.JAER, udp.Faery, udp.Faery32}

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
	pacer, err := pace.New(c.flags.pace, time.Now)
	if err != nil {
		return nil, usage(fmt.Errorf("--pace: %w", err))
	}
	protocol := strings.TrimPrefix(c.info.Format, datagramName)
	if protocol == udp.EventStream && c.info.Height <= 0 {
		return nil, usage(fmt.Errorf("%s does not state the sensor's size, from whose bottom rows are counted: give --width and --height", c.in))
	}
	if protocol == udp.JAER && c.info.Width <= 0 {
		return nil, usage(fmt.Errorf("%s does not state the sensor's size, by which jAER's chip is chosen: give --width and --height", c.in))
	}
	info := c.info
	info.Header = c.r.Info.Header
	w, err := udp.Dial(strings.TrimPrefix(c.out, udpScheme), protocol, info)
	if err != nil {
		return nil, err
	}
	w.Pace(func(t int64) error { return pacer.Wait(ctx, t) })
	return &datagrams{Writer: w}, nil
}

// connection opens one, at a pace.
func (c *converter) connection(ctx context.Context) (target, error) {
	pacer, err := pace.New(c.flags.pace, time.Now)
	if err != nil {
		return nil, usage(fmt.Errorf("--pace: %w", err))
	}
	open := tcp.Dial
	if scheme(c.out) == listenScheme {
		open = tcp.Serve
	}
	info := c.info
	info.Header = c.r.Info.Header
	w, err := open(ctx, strings.TrimPrefix(c.out, scheme(c.out)), strings.TrimPrefix(c.info.Format, connectionName), info)
	if err != nil {
		return nil, err
	}
	w.Pace(func(t int64) error { return pacer.Wait(ctx, t) })
	return w, nil
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
