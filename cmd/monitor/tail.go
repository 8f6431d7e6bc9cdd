package monitor

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"

	"github.com/spf13/cobra"

	"ganglion/pipeline"
)

// NewTail makes the command tail.
func NewTail() *cobra.Command {
	var address *string
	var stream string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "tail",
		Short: "print what a running pipeline detects, in words",
		Long: `Print the detections of the pipelines of a running process as they come, one a
line, until Ctrl-C or until the process ends. The process needs
telemetry: {listen: "127.0.0.1:9464"} in a configuration.`,
		Example: `  ganglion run camera.yaml --set telemetry.listen=127.0.0.1:9464
  ganglion tail
  ganglion tail --stream door --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return tail(cmd.Context(), cmd.OutOrStdout(), *address, stream, asJSON)
		},
	}
	address = addressFlag(cmd)
	cmd.Flags().StringVar(&stream, "stream", "", "`NAME` of the one pipeline to listen to")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the records")
	return cmd
}

func tail(ctx context.Context, out io.Writer, address, stream string, asJSON bool) error {
	body, err := get(ctx, address, "/detections?stream="+url.QueryEscape(stream))
	if err != nil {
		return err
	}
	defer body.Close()
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 16<<20) // a detection may hold a long label
	for lines.Scan() {
		line, text := lines.Bytes(), ""
		var missed struct{ Missed uint64 }
		if bytes.HasPrefix(line, []byte(`{"missed"`)) && json.Unmarshal(line, &missed) == nil {
			text = fmt.Sprintf("(%d detections came too fast to print)", missed.Missed)
		} else if asJSON {
			text = string(line)
		} else {
			var d pipeline.Detection
			if err := json.Unmarshal(line, &d); err != nil {
				return err
			}
			text = fmt.Sprintf("%s  %.3f s  %s", d.Stream, float64(d.T)/1e6, Words(&d))
		}
		if _, err := fmt.Fprintln(out, text); err != nil {
			return err
		}
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return fmt.Errorf("a record of more than 16 MiB: %w", err)
	}
	return nil // the process has ended, or Ctrl-C came
}

// Words tells a detection in words.
func Words(d *pipeline.Detection) string {
	object := fmt.Sprintf("object %d", d.TrackID)
	switch d.Kind {
	case pipeline.MotionStart:
		return object + " appears, " + way(d)
	case pipeline.MotionUpdate:
		return object + " " + way(d)
	case pipeline.MotionEnd:
		return fmt.Sprintf("%s is gone after %.2f s", object, float64(d.AgeUS)/1e6)
	case pipeline.LineCross:
		return fmt.Sprintf("%s crosses %s %s, %s: %d forward, %d backward", object, d.Label, forward(d.Sign), way(d), d.TotalForward,
			d.TotalBackward)
	case pipeline.ZoneEnter:
		return fmt.Sprintf("%s enters %s, %s: %d inside", object, d.Label, way(d), d.Occupancy)
	case pipeline.ZoneLeave:
		return fmt.Sprintf("%s leaves %s after %.2f s: %d inside", object, d.Label, float64(d.DwellUS)/1e6, d.Occupancy)
	case pipeline.ZoneDwell:
		return fmt.Sprintf("%s has been in %s for %.2f s", object, d.Label, float64(d.DwellUS)/1e6)
	case pipeline.AlarmStart:
		return fmt.Sprintf("alarm %s at %.4g", d.Label, d.Value)
	case pipeline.AlarmEnd:
		return fmt.Sprintf("alarm %s is over", d.Label)
	case pipeline.CameraMotion:
		return fmt.Sprintf("camera moves, picture %s, turns by %.1f degrees/s, grows by %.1f %%/s", way(d), d.TurnDegS, 100*d.ZoomS)
	case pipeline.Keyword:
		return fmt.Sprintf("%q, score %.2f, from %.2f s to %.2f s", d.Label, d.Score, float64(d.TStart)/1e6, float64(d.TEnd)/1e6)
	case pipeline.SoundDirection:
		return fmt.Sprintf("sound from %.0f degrees", d.AzimuthDeg)
	case pipeline.Class:
		return fmt.Sprintf("class %s, score %.2f", d.Label, d.Score)
	}
	return fmt.Sprintf("%s %s", d.Kind, d.Label)
}

func forward(sign int64) string {
	if sign < 0 {
		return "backward"
	}
	return "forward"
}

// way tells where a detection is and how it moves; y points down.
func way(d *pipeline.Detection) string {
	at := fmt.Sprintf("at (%.0f, %.0f)", (d.X0+d.X1)/2, (d.Y0+d.Y1)/2)
	if math.IsNaN(float64(d.DirectionDeg)) {
		return at
	}
	names := [...]string{"right", "down and right", "down", "down and left", "left", "up and left", "up", "up and right"}
	return fmt.Sprintf("%s moving %s at %.0f px/s", at, names[int(math.Round(float64(d.DirectionDeg)/45))%8], d.SpeedPxS)
}
