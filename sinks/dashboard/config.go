package dashboard

import (
	"errors"
	"fmt"

	"ganglion/internal/listen"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Config configures the sink.
type Config struct {
	Listen string           `key:"listen" doc:"Address of the page; without a host it is loopback, and elsewhere a token is required; port 0 takes a free one." example:"127.0.0.1:8017"`
	Token  component.Secret `key:"token" doc:"What a browser must know to see the page, as ?token= in its address; empty asks for none." example:"a-long-secret"`
	FPS    int              `key:"fps" doc:"Frames per second that viewers get at most." min:"1" max:"120"`
}

// NewDefaultConfig listens on loopback and shows 30 frames per second.
func NewDefaultConfig() Config { return Config{Listen: "127.0.0.1:8017", FPS: 30} }

// Validate checks what the tags cannot say.
func (c Config) Validate() error {
	address, err := listen.Address(c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if listen.Beyond(address) && c.Token == "" {
		return errors.New("token: is required where listen is not a loopback address")
	}
	return nil
}

// Component declares the sink.
func Component() component.Spec {
	return component.Sink("dashboard", "a live page in the browser: events, sound, spikes, detections and figures",
		NewDefaultConfig(), func(c Config, env component.Env) (pipeline.Sink, error) { return New(c, env) })
}
