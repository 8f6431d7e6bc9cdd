package cmd

import (
	"fmt"
	"image"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ganglion/cmd/labels"
	"ganglion/internal/digest"
	"ganglion/internal/outfile"
	"ganglion/pipeline"
	"ganglion/sinks/arrow"
	"ganglion/sinks/picture"
)

// detectionsOf reads a file of detections; ok is false for any other file. JSON lines
// are always one.
func detectionsOf(file string) (ds []pipeline.Detection, ok bool, err error) {
	switch ext := strings.ToLower(filepath.Ext(file)); {
	case ext == ".jsonl":
		ds, err = labels.ReadDetections(file)
		return ds, true, err
	case strings.HasPrefix(ext, ".arrow"):
		if ds, err = arrow.ReadDetections(file); err == nil {
			return ds, true, nil
		}
	}
	return nil, false, nil
}

// convertDetections writes detections in another form.
func convertDetections(cmd *cobra.Command, in, out string, ds []pipeline.Detection, f convertFlags) error {
	format, err := detectionFormat(out, f.to)
	if err != nil {
		return usage(err)
	}
	if sameFile(in, out) {
		return usage(fmt.Errorf("%s and %s are the same file", in, out))
	}
	if err := onlyFlags(cmd, "detections", "to", "rate", "width", "height"); err != nil {
		return err
	}
	o, n, say := labels.Options{Rate: f.rate, Width: f.width, Height: f.height}, 0, cmd.OutOrStdout()
	write := func(w io.Writer) (err error) {
		n, err = labels.Write(w, format, o, ds)
		return err
	}
	if out == "-" {
		say, err = cmd.ErrOrStderr(), write(os.Stdout)
	} else if err = os.MkdirAll(filepath.Dir(out), 0o755); err == nil {
		err = outfile.Replace(out, write)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(say, "%s: %d of %d detections as %s\n", out, n, len(ds), format)
	return err
}

// onlyFlags refuses flags that such a file has no use for.
func onlyFlags(cmd *cobra.Command, file string, names ...string) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if err == nil && !slices.Contains(names, f.Name) {
			err = usage(fmt.Errorf("--%s is for recordings, not for %s", f.Name, file))
		}
	})
	return err
}

// detectionFormat is the format that is named, or that the file's name asks for.
func detectionFormat(out, to string) (string, error) {
	if to == "" {
		to = map[string]string{".csv": "csv", ".txt": "mot", ".json": "coco"}[strings.ToLower(filepath.Ext(out))]
	}
	if !slices.Contains(labels.Formats(), to) {
		return "", fmt.Errorf("%s: detections are written as %s: give --to", out, strings.Join(labels.Formats(), ", "))
	}
	return to, nil
}

// The styles of detections alone.
const (
	heatStyle   = "heat"
	tracksStyle = "tracks"
)

// viewDetections paints tracks without their recording.
func viewDetections(cmd *cobra.Command, file string, ds []pipeline.Detection, f viewFlags) error {
	if !strings.EqualFold(filepath.Ext(f.output), ".png") {
		return usage(fmt.Errorf("--output %s: want a name that ends in .png", f.output))
	}
	if err := onlyFlags(cmd, "detections", "output", "style", "width", "height"); err != nil {
		return err
	}
	title := filepath.Base(file)
	var paint func() (*image.RGBA, error)
	switch {
	case !f.styleSet || f.style == heatStyle:
		paint = func() (*image.RGBA, error) {
			return picture.HeatMap{Width: f.width, Height: f.height, Title: title}.Paint(ds)
		}
	case f.style == tracksStyle:
		paint = func() (*image.RGBA, error) { return picture.PlotTracks(title, ds) }
	default:
		return usage(fmt.Errorf("--style %s: detections are shown as %s or %s", f.style, heatStyle, tracksStyle))
	}
	size, err := savePicture(f.output, paint)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %dx%d px\n", f.output, size.X, size.Y)
	return err
}

// recordingOf names the recording in a file as runs and truth do, or is empty
// where it is not a regular file.
func recordingOf(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		return ""
	}
	content, err := digest.Of(f, st.Size())
	if err != nil {
		return ""
	}
	return pipeline.Recording(content)
}

// provenance tells of which recordings detections are.
type provenance struct {
	recording    string // that they are held against
	all, foreign int    // how many there are, and how many are of another one
	other        string // such as this
}

// provenanceOf looks at the runs of detections. What does not tell counts as
// fitting.
func provenanceOf(ds []pipeline.Detection, recording string) provenance {
	p := provenance{recording: recording, all: len(ds)}
	for i := range ds {
		if r := pipeline.RecordingOf(ds[i].Run); r != "" && recording != "" && r != recording {
			p.foreign, p.other = p.foreign+1, r
		}
	}
	return p
}

// note tells that detections which are drawn over a recording are of another.
func (p provenance) note(notes io.Writer, shown, drawn string) {
	if p.foreign > 0 {
		fmt.Fprintf(notes, "%s: note: %d of %d detections are of recording %s, and %s is recording %s: they may not fit what it shows\n",
			drawn, p.foreign, p.all, p.other, shown, p.recording)
	}
}

// truthOfOne is the recording that truth is of, empty where it does not tell.
func truthOfOne(truth []pipeline.Truth) string {
	for i := range truth {
		if truth[i].Recording != "" {
			return truth[i].Recording
		}
	}
	return ""
}

// refuseForeign refuses to score detections of another recording than the
// truth's.
func refuseForeign(truthFile, detectionsFile string, truth []pipeline.Truth, ds []pipeline.Detection) error {
	recording := truthOfOne(truth)
	p := provenanceOf(ds, recording)
	if p.foreign == 0 {
		return nil
	}
	return usage(fmt.Errorf("%s is the truth of recording %s, and %d of %d detections in %s are of recording %s: run that recording, "+
		"or give --any-recording if it is a copy in another format", truthFile, recording, p.foreign, p.all, detectionsFile, p.other))
}
