package audio

import (
	"fmt"
	"strings"
	"time"

	"ganglion/internal/listen"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/natsconn"
	"ganglion/sources/pace"
)

// Config is the configuration of an audio source.
type Config struct {
	Path     string        `key:"path" file:"read" doc:"The file; - is standard input; udp://HOST:PORT listens for datagrams of raw sound, on loopback without a host; nats://HOST:PORT/SUBJECT takes messages of raw sound, with ?stream=NAME those that JetStream keeps; pulse:// records from the default microphone of PulseAudio or PipeWire, pulse://SOURCE from another source." required:"true" example:"testdata/clip.wav"`
	Format   string        `key:"format" doc:"Its format; auto recognises it by its content. csv is text, a line of numbers for each sample of all channels." enum:"auto,wav,flac,mp3,raw,csv"`
	Raw      RawConfig     `key:"raw" doc:"What raw sound is."`
	Channels string        `key:"channels" doc:"Which channels are heard: mix (their mean), left, right, all, or numbers from 0 such as 0,2." example:"left"`
	Rate     int           `key:"rate" doc:"Sample rate that the sound is brought to; 0 keeps its own." unit:"Hz" min:"0" max:"768000"`
	Pace     string        `key:"pace" doc:"How fast it is played: max, realtime, or a factor of real time such as 2x." example:"realtime"`
	Live     bool          `key:"live" doc:"The sound happens now, such as a microphone behind standard input; UDP, NATS subjects and recording always do."`
	Start    time.Duration `key:"start" doc:"Leaves out this much of the beginning." min:"0s"`
	End      time.Duration `key:"end" doc:"Stops at this stream time; 0 plays to the end." min:"0s"`
	Queue    time.Duration `key:"queue" doc:"How much live sound from UDP, NATS or a recorder may wait to be read; when it is full what comes is dropped and silence takes its place. The sender of a pipe waits instead." min:"10ms" max:"1m"`
	Window   time.Duration `key:"window" doc:"Length of a batch, in whole microseconds." min:"100us" max:"10s"`

	NATS natsconn.Access `key:"nats" doc:"Who a path of nats:// or tls:// is opened as."`
}

// RawConfig describes what sound without a header is.
type RawConfig struct {
	Rate     int    `key:"rate" doc:"Frames a second; csv uses it too." unit:"Hz" min:"1" max:"768000"`
	Channels int    `key:"channels" doc:"Interleaved channels." min:"1" max:"64"`
	Encoding string `key:"encoding" doc:"Sample format, named as ffmpeg does; s24_32le is 24 bits in 4 bytes, arecord's S24_LE." enum:"u8,s8,s16le,s16be,s24le,s24be,s24_32le,s24_32be,s32le,s32be,f32le,f32be,f64le,f64be,alaw,mulaw"`

	FullScale float64 `key:"full_scale" doc:"Floats and csv: the value that becomes 1, such as a sensor's largest." min:"1e-30" max:"1e30"`
}

const (
	formatAuto = "auto"
	formatRaw  = "raw"
	udpScheme  = "udp://"
	stdin      = "-"

	// maxRate bounds what a header may claim, frames/s, maxChannels likewise.
	maxRate     = 768_000
	maxChannels = 64
)

// NewDefaultConfig is the configuration of a source that nobody configured, but for its
// path.
func NewDefaultConfig() Config {
	return Config{
		Format: formatAuto, Channels: "mix", Pace: "max", Queue: 2 * time.Second, Window: 10 * time.Millisecond,
		Raw: RawConfig{Rate: 16000, Channels: 1, Encoding: "s16le", FullScale: 1},
	}
}

// Component declares the source.
func Component() component.Spec {
	return component.Source("audio", "sound from a WAV, FLAC or MP3 file, raw PCM on standard input, from UDP or NATS, or a microphone",
		NewDefaultConfig(), func(c Config, env component.Env) (pipeline.Source, error) { return New(c, env) })
}

// Validate reports what the field tags cannot say.
func (c *Config) Validate() error {
	if _, err := parseChannels(c.Channels); err != nil {
		return fmt.Errorf("channels: %w", err)
	}
	if err := pace.Check(c.Pace); err != nil {
		return fmt.Errorf("pace: %w", err)
	}
	if c.Window%time.Microsecond != 0 {
		return fmt.Errorf("window: %v is not a whole number of microseconds", c.Window)
	}
	if c.End != 0 && c.End <= c.Start {
		return fmt.Errorf("end: %v is not after start %v", c.End, c.Start)
	}
	return c.validateAddress()
}

// validateAddress checks what is not a file.
func (c *Config) validateAddress() error {
	if c.NATS != (natsconn.Access{}) && !isNATS(c.Path) {
		return fmt.Errorf("nats: the path %s is none of nats:// and tls://", c.Path)
	}
	switch {
	case strings.HasPrefix(c.Path, udpScheme) && c.Format != formatRaw:
		return fmt.Errorf("format: datagrams carry raw sound, not %s", c.Format)
	case strings.HasPrefix(c.Path, udpScheme):
		if _, err := listen.Address(strings.TrimPrefix(c.Path, udpScheme)); err != nil {
			return fmt.Errorf("path: %w", err)
		}
	case isNATS(c.Path):
		if c.Format != formatRaw {
			return fmt.Errorf("format: messages carry raw sound, not %s", c.Format)
		}
		_, _, _, err := natsAddress(c.Path)
		return err
	case strings.HasPrefix(c.Path, pulseScheme):
		if c.Format != formatRaw && c.Format != formatAuto {
			return fmt.Errorf("format: a recorder gives raw sound, not %s", c.Format)
		}
		if _, ok := pulseFormats[c.Raw.Encoding]; !ok {
			return fmt.Errorf("raw: the sound server does not know the encoding %s", c.Raw.Encoding)
		}
		if _, ok := pulseMaps[c.Raw.Channels]; !ok {
			return fmt.Errorf("raw: %d channels cannot be recorded, 1 or 2 can", c.Raw.Channels)
		}
	}
	return nil
}

// frame is the bytes of one sample of all channels.
func (c RawConfig) frame() int { return rawForms[c.Encoding].size * c.Channels }

// silence is the byte that silence is made of.
func (c RawConfig) silence() byte {
	switch c.Encoding {
	case "u8":
		return 0x80
	case "alaw":
		return 0xd5
	case "mulaw":
		return 0xff
	}
	return 0
}

// gain brings a value to its share of full scale; 0 where it is that already.
func (c RawConfig) gain() float32 {
	if c.FullScale == 0 || c.FullScale == 1 {
		return 0
	}
	return float32(1 / c.FullScale)
}
