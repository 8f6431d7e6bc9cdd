package audio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jfreymuth/pulse/proto"
)

// pulseScheme is followed by the name of a source of the sound server, as
// `pactl list short sources` shows it, or by nothing for the default one.
// PipeWire speaks the same protocol.
const pulseScheme = "pulse://"

// pulseFormats are the encodings that the server converts to.
var pulseFormats = map[string]byte{
	"u8": proto.FormatUint8, "s16le": proto.FormatInt16LE, "s16be": proto.FormatInt16BE,
	"s32le": proto.FormatInt32LE, "s32be": proto.FormatInt32BE, "f32le": proto.FormatFloat32LE, "f32be": proto.FormatFloat32BE,
}

// pulseMaps are the positions of the channels, by their number.
var pulseMaps = map[int]proto.ChannelMap{
	1: {proto.ChannelMono},
	2: {proto.ChannelLeft, proto.ChannelRight},
}

const (
	pulseFragment = 10  // ms of sound that come at a time
	pulseUnity    = 256 // a channel's volume, as the client library sets it
	pulseTimeout  = 5 * time.Second
)

// recorder is sound that the sound server records for us.
type recorder struct {
	*feed
	conn   net.Conn
	client *proto.Client
}

// openRecorder connects and starts the recording.
func openRecorder(c *Config, env surroundings) (*recorder, error) {
	network, address, err := pulseServer(os.LookupEnv)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: pulseTimeout}
	conn, err := d.DialContext(env.ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("connect to the sound server: %w", err)
	}
	r := &recorder{feed: newFeed(c, env), conn: conn, client: &proto.Client{}}
	r.client.SetTimeout(pulseTimeout)
	r.client.Callback = r.hear
	stop := context.AfterFunc(env.ctx, func() { conn.Close() }) // ends requests that wait
	r.client.Open(watched{conn, r.feed})                        // its goroutine ends with the connection
	err = r.start(c)
	if !stop() {
		err = errors.Join(env.ctx.Err(), err)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return r, nil
}

// pulseServer is where the server listens: what the environment variable
// PULSE_SERVER says, or the session's.
func pulseServer(env func(string) (string, bool)) (network, address string, err error) {
	name, ok := env("PULSE_SERVER")
	if !ok || name == "" {
		run, _ := env("XDG_RUNTIME_DIR")
		return "unix", run + "/pulse/native", nil
	}
	for _, scheme := range []string{"unix", "tcp", "tcp4", "tcp6"} {
		if a, ok := strings.CutPrefix(name, scheme+":"); ok {
			return scheme, a, nil
		}
	}
	if strings.HasPrefix(name, "/") {
		return "unix", name, nil
	}
	return "", "", fmt.Errorf("PULSE_SERVER is %q: want unix:PATH or tcp:HOST:PORT", name)
}

// cookie is what the server knows its users by. A server without one takes any.
func cookie() []byte {
	path := os.Getenv("PULSE_COOKIE")
	if path == "" {
		path = os.Getenv("HOME") + "/.config/pulse/cookie"
	}
	if b, err := os.ReadFile(path); err == nil {
		return b
	}
	return make([]byte, 256)
}

// start signs in and begins to record.
func (r *recorder) start(c *Config) error {
	var auth proto.AuthReply
	if err := r.client.Request(&proto.Auth{Version: r.client.Version(), Cookie: cookie()}, &auth); err != nil {
		return fmt.Errorf("sign in to the sound server: %w", err)
	}
	r.client.SetVersion(auth.Version)
	props := proto.PropList{
		"application.name": proto.PropListString("ganglion"), "media.name": proto.PropListString("ganglion"),
	}
	if err := r.client.Request(&proto.SetClientName{Props: props}, &proto.SetClientNameReply{}); err != nil {
		return fmt.Errorf("sound server: %w", err)
	}
	fragment := c.Raw.Rate * pulseFragment / 1000 * c.Raw.frame()
	volumes := make(proto.ChannelVolumes, c.Raw.Channels)
	for i := range volumes {
		volumes[i] = pulseUnity
	}
	source := strings.TrimPrefix(c.Path, pulseScheme)
	if err := r.know(source); err != nil {
		return err
	}
	err := r.client.Request(&proto.CreateRecordStream{
		SampleSpec: proto.SampleSpec{Format: pulseFormats[c.Raw.Encoding], Channels: byte(c.Raw.Channels), Rate: uint32(c.Raw.Rate)},
		ChannelMap: pulseMaps[c.Raw.Channels], SourceIndex: proto.Undefined, SourceName: source,
		BufferMaxLength: proto.Undefined, BufferFragSize: uint32(max(fragment, c.Raw.frame())), AdjustLatency: true,
		DirectOnInputIndex: proto.Undefined, Properties: props, ChannelVolumes: volumes,
	}, &proto.CreateRecordStreamReply{})
	if err != nil {
		return fmt.Errorf("record from source %q: %w", source, err)
	}
	return nil
}

// know checks that the server has a source of a name, because PipeWire records
// from the default one where it knows none. Names that begin with @ stand for
// others, and the server resolves them.
func (r *recorder) know(source string) error {
	var all proto.GetSourceInfoListReply
	if err := r.client.Request(&proto.GetSourceInfoList{}, &all); err != nil {
		return fmt.Errorf("sound server: list its sources: %w", err)
	}
	var names []string
	for _, s := range all {
		names = append(names, s.SourceName)
	}
	if source == "" || strings.HasPrefix(source, "@") || slices.Contains(names, source) {
		return nil
	}
	if len(names) == 0 {
		return fmt.Errorf("there is no source %q; the sound server has none", source)
	}
	return fmt.Errorf("there is no source %q; there are: %s", source, strings.Join(names, ", "))
}

// hear takes what the server sends.
func (r *recorder) hear(message any) {
	switch m := message.(type) {
	case *proto.DataPacket:
		_, _ = r.Write(m.Data) // fails after the end alone
	case *proto.RecordStreamKilled:
		r.end(errors.New("the sound server ended the recording"))
	}
}

// watched is a connection that ends the feed when it ends.
type watched struct {
	net.Conn
	feed *feed
}

func (w watched) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if err != nil {
		w.feed.end(fmt.Errorf("the sound server is gone: %v", err)) // no io.EOF: a microphone has no end
	}
	return n, err
}

// Close ends the recording.
func (r *recorder) Close() error {
	r.end(io.ErrClosedPipe)
	return r.conn.Close()
}
