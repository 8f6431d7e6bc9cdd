package cmd

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"ganglion/encoders/events"
	"ganglion/network"
	"ganglion/network/motion"
	"ganglion/network/motion/track"
	"ganglion/pipeline"
	"ganglion/sinks/picture"
	"ganglion/sources/format"
)

// flowStyle shows which way edges move, as the motion network measures it.
const flowStyle = "flow"

// flowMemory is how long before the picture the network begins to look, µs: longer
// than its direction layer remembers.
const flowMemory = 200_000

// flowViewer paints the flow in one window of a recording.
type flowViewer struct {
	*viewer
	net      *network.Engine
	enc      *events.Encoder
	measured *motion.Flows
	flows    []picture.FlowVector
	spikes   pipeline.Spikes
	activity pipeline.Activity
	from, to int64 // µs
}

func viewFlow(cmd *cobra.Command, file string, f viewFlags) error {
	if !strings.EqualFold(filepath.Ext(f.output), ".png") {
		return usage(fmt.Errorf("--output %s: a flow is shown as a picture whose name ends in .png", f.output))
	}
	if f.detections != "" || f.truth != "" {
		return usage(errors.New("--detections, --truth: boxes do not fit into a picture of flow"))
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	f.style = string(picture.Polarity) // the window is that of such a picture
	v, err := newViewer(ctx, file, f)
	if err != nil {
		return err
	}
	p := flowViewer{viewer: v}
	if err = p.build(); err == nil {
		err = errors.Join(p.read(ctx), p.net.Close())
	}
	if err = errors.Join(err, v.r.Close()); err != nil {
		return err
	}
	for _, d := range v.r.Damage() {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: damage: %s\n", file, d)
	}
	return p.paint(cmd.OutOrStdout())
}

// build makes the network, without the layer for what is slow, which has no flow.
func (v *flowViewer) build() (err error) {
	size := v.chain.Size()
	info := pipeline.StreamInfo{Modality: pipeline.EventStream, Width: size.Width, Height: size.Height}
	if v.enc, err = events.New(*events.Component().Defaults().(*events.Config), info); err != nil {
		return err
	}
	c := motion.NewDefaultModelConfig()
	c.Slow.On, c.Shards = false, 1
	if v.net, err = motion.New(c, v.enc.Shape()); err != nil {
		return err
	}
	v.activity.Layers = make([]pipeline.LayerActivity, len(v.net.Layers()))
	if v.measured, err = motion.NewFlows(v.net.Layers()); err != nil {
		return errors.Join(err, v.net.Close())
	}
	return nil
}

// read runs the events up to the end of the window through the network.
func (v *flowViewer) read(ctx context.Context) error {
	var batch pipeline.Batch
	begun := false
	for b := format.NewBlock(convertBlock); !begun || batch.End < v.to; {
		if err := v.r.Read(b); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !begun && len(b.Events) > 0 {
			begun = true
			v.from, v.to = v.window(b.Events[0].T)
			batch.End = v.from - flowMemory
			if batch.End > b.Events[0].T {
				if _, err := leap(v.r, batch.End); err != nil {
					return err
				}
			}
		}
		if err := v.step(ctx, &batch, v.chain.Filter(b.Events)); err != nil {
			return err
		}
	}
	if !begun {
		return fmt.Errorf("%s: holds no events", v.file)
	}
	return nil
}

// step runs events through the network, those that the clock has passed left out.
func (v *flowViewer) step(ctx context.Context, batch *pipeline.Batch, found []pipeline.Event) error {
	batch.Start, batch.Events = batch.End, batch.Events[:0]
	for _, e := range found {
		if e.T >= batch.Start && e.T < v.to {
			batch.Events = append(batch.Events, e)
			batch.End = max(batch.End, e.T+1)
		} else if e.T >= v.to {
			batch.End = v.to
		}
	}
	v.spikes.Reset()
	for i := range v.activity.Layers {
		v.activity.Layers[i].Spikes.Reset()
	}
	if _, err := v.enc.Encode(batch, &v.spikes); err != nil {
		return err
	}
	if batch.End == batch.Start {
		return nil
	}
	if err := v.net.Step(ctx, batch.Window, &v.spikes, &v.activity); err != nil {
		return err
	}
	v.measured.Each(&v.activity, func(t int64, x, y int, _ bool, along track.Vec) {
		if t >= v.from {
			v.flows = append(v.flows, picture.FlowVector{X: x, Y: y, VX: along.X, VY: along.Y})
		}
	})
	return nil
}

// paint writes the picture and says what it shows.
func (v *flowViewer) paint(out io.Writer) error {
	size := v.chain.Size()
	f := picture.Flow{
		Width: size.Width, Height: size.Height, Scale: v.flags.scale, Title: v.title(),
		Note: fmt.Sprintf("flow from %.3f to %.3f s", float64(v.from)/1e6, float64(v.to)/1e6),
	}
	drawn, err := savePicture(v.flags.output, func() (*image.RGBA, error) { return f.Paint(v.flows) })
	if err != nil {
		return fmt.Errorf("%s: %w", v.file, err)
	}
	_, err = fmt.Fprintf(out, "%s: %d flows in %.3f s, %dx%d px\n", v.flags.output, len(v.flows), float64(v.to-v.from)/1e6, drawn.X, drawn.Y)
	return err
}
