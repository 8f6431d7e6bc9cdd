package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ganglion/encoders/analog"
	"ganglion/encoders/cochlea"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
	"ganglion/sinks/picture"
	"ganglion/sources/audio"
)

// soundFlags are the flags of view that belong to sound.
type soundFlags struct {
	config      string
	sets        []string
	code, front string
	show        string
}

func (f *soundFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.config, "config", "", "sound: take source and encoder from the pipeline in `FILE`")
	flags.StringArrayVar(&f.sets, "set", nil, "sound: `KEY=VALUE` of source or encoder, such as encoder.mel.bands=20; may be repeated")
	flags.StringVar(&f.code, "code", "", "sound: the neural `CODE` of the mel bands: ganglion describe cochlea")
	flags.StringVar(&f.front, "front", "", "sound: the front end, `mel|gammatone`")
	flags.StringVar(&f.show, "show", "both", "sound: what is shown, `both|cochleagram|spikes`")
}

// soundPipeline is what view takes a sound's encoder from by default.
const soundPipeline = `name: view
source: {type: audio, path: "-"}
encoder: {type: cochlea}
network: {model: pass}
readout: {type: segment}
sinks: []
`

// longestSound is the most that one picture shows.
const longestSound = time.Minute

// soundViewer paints one sound.
type soundViewer struct {
	file   string
	source *audio.Source
	info   pipeline.StreamInfo
	enc    pipeline.Encoder
	sheet  sheet
	marks  [][]picture.Mark // by ear
	end    int64            // of what was read, µs
	words  *soundWords
}

// sheet is the values that an encoder makes spikes of.
type sheet struct {
	what, name string
	ears       int
	bands      int       // rows of an ear
	hertz      []float64 // of each row, or nil
	period     int64     // µs from frame to frame
	times      []int64
	values     [][]float32 // by frame: ears times bands
	hear       func(first int64, pcm []float32)
}

func (prog program) viewSound(cmd *cobra.Command, file string, f viewFlags) error {
	if !strings.EqualFold(filepath.Ext(f.output), ".png") {
		return usage(fmt.Errorf("--output %s: sound is shown as a picture whose name ends in .png", f.output))
	}
	if f.sound.show != "both" && f.sound.show != "cochleagram" && f.sound.show != "spikes" {
		return usage(fmt.Errorf("--show %s: want both, cochleagram or spikes", f.sound.show))
	}
	p, err := f.sound.pipeline(prog, file, f)
	if err != nil {
		return err
	}
	v := &soundViewer{file: file}
	if err := v.open(cmd.Context(), p, f); err != nil {
		return err
	}
	err = errors.Join(v.read(cmd.Context()), v.words.close())
	for _, d := range v.source.Damage() {
		fmt.Fprintf(cmd.ErrOrStderr(), "%s: damage: %s\n", file, d)
	}
	if err = errors.Join(err, v.source.Close()); err != nil {
		return err
	}
	v.words.note(cmd.ErrOrStderr(), file, f.detections, f.start.at(0), v.end)
	return v.paint(cmd.OutOrStdout(), f)
}

// pipeline is the configuration with all that the flags say.
func (f *soundFlags) pipeline(p program, file string, v viewFlags) (*config.Pipeline, error) {
	name, text := "view", []byte(soundPipeline)
	if f.config != "" {
		var err error
		if name, text, err = readConfig(f.config); err != nil {
			return nil, usage(err)
		}
	}
	overrides := []config.Override{config.SetString("FILE", "source.path", file)}
	sets := append([]string{}, f.sets...)
	for flag, value := range map[string]string{"code.type": f.code, "front": f.front} {
		if value != "" {
			sets = append(sets, "encoder."+flag+"="+value)
		}
	}
	if v.start.set {
		sets = append(sets, fmt.Sprintf("source.start=%dus", v.start.at(0)))
	}
	if v.end.set {
		sets = append(sets, fmt.Sprintf("source.end=%dus", v.end.at(0)))
	}
	more, err := overridesOf(sets)
	if err != nil {
		return nil, err
	}
	pipelines, err := config.Parse(name, text, p.configOptions(append(overrides, more...)))
	if err != nil {
		return nil, usage(err)
	}
	if len(pipelines) != 1 {
		return nil, usage(fmt.Errorf("%s: %d pipelines where one is needed", name, len(pipelines)))
	}
	return pipelines[0], nil
}

func readConfig(file string) (string, []byte, error) {
	text, err := os.ReadFile(file)
	return file, text, err
}

// open opens the sound and builds what hears it.
func (v *soundViewer) open(ctx context.Context, p *config.Pipeline, f viewFlags) error {
	sound, ok := p.Source.Config.(*audio.Config)
	if !ok {
		return usage(fmt.Errorf("source %s: want audio for a picture of sound", p.Source.Spec.Name))
	}
	sound.Pace = "max"
	var err error
	if v.source, err = audio.New(*sound, component.Env{Log: slog.Default(), Now: time.Now, Name: p.Name}); err != nil {
		return err
	}
	if v.info, err = v.source.Open(ctx); err == nil {
		err = v.listen(p)
	}
	if err != nil {
		return errors.Join(err, v.source.Close())
	}
	v.marks = make([][]picture.Mark, v.sheet.ears)
	if v.words, err = newSoundWords(p, v.info, v.enc.Shape(), f); err != nil {
		return errors.Join(err, v.source.Close())
	}
	return nil
}

// listen builds the encoder and what shows its values.
func (v *soundViewer) listen(p *config.Pipeline) (err error) {
	if v.enc, err = p.Encoder.Spec.NewEncoder(p.Encoder.Config, v.info); err != nil {
		return usage(err)
	}
	switch c := p.Encoder.Config.(type) {
	case *cochlea.Config:
		g, err := cochlea.NewCochleagram(*c, v.info)
		if err != nil {
			return err
		}
		v.sheet = sheet{
			what: c.Code.Type + " code of mel bands", name: "cochleagram", ears: v.info.Channels,
			bands: len(g.Hertz), hertz: g.Hertz, period: g.Period,
			hear: func(first int64, pcm []float32) {
				g.Hear(first, pcm)
				v.sheet.times, v.sheet.values = g.Times, g.Values
			},
		}
		if c.Front == "gammatone" {
			v.sheet.what = "bushy cells behind gammatone filters"
		}
		return nil
	case *analog.Config:
		e := v.enc.(*analog.Encoder)
		v.sheet = sheet{
			what: c.Code.Type + " code", name: "values", ears: 1, bands: v.info.Channels, period: e.Period(),
			hear: func(int64, []float32) {},
		}
		e.Watch(func(t int64, values []float32) {
			v.sheet.times, v.sheet.values = append(v.sheet.times, t), append(v.sheet.values, slices.Clone(values))
		})
		return nil
	}
	return usage(fmt.Errorf("encoder %s: want cochlea or analog for a picture of sound", p.Encoder.Spec.Name))
}

// read hears the sound to its end.
func (v *soundViewer) read(ctx context.Context) error {
	var b pipeline.Batch
	var spikes pipeline.Spikes
	first := int64(-1)
	for {
		b.Reset()
		spikes.Reset()
		if err := v.source.Read(ctx, &b); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		if first < 0 {
			first = b.Start
		}
		if v.end = b.End; v.end-first > longestSound.Microseconds() {
			return usage(fmt.Errorf("%s: is longer than %v: give --start and --end", v.file, longestSound))
		}
		if _, err := v.enc.Encode(&b, &spikes); err != nil {
			return err
		}
		if err := v.words.hear(ctx, b.Window, &spikes); err != nil {
			return err
		}
		v.sheet.hear(b.FrameIndex, b.PCM)
		v.mark(&spikes)
	}
	if first < 0 {
		return fmt.Errorf("%s: holds no sound in the time shown", v.file)
	}
	return nil
}

// mark takes spikes of the layer [channels, ears, bands].
func (v *soundViewer) mark(s *pipeline.Spikes) {
	bands, ears := v.sheet.bands, v.sheet.ears
	for i, t := range s.T {
		for _, id := range s.Run(i) {
			n := int(id)
			ear := n / bands % ears
			v.marks[ear] = append(v.marks[ear], picture.Mark{T: t, Band: n % bands, Channel: n / (bands * ears)})
		}
	}
}

// panels are the panels of one ear.
func (v *soundViewer) panels(ear int, show string) []picture.Panel {
	bands, side := v.sheet.bands, ""
	if v.sheet.ears > 1 {
		side = fmt.Sprintf(", channel %d", ear)
	}
	heat := &picture.Heat{Name: v.sheet.name + side, Hertz: v.sheet.hertz, Times: v.sheet.times, Period: v.sheet.period}
	for _, frame := range v.sheet.values {
		heat.Values = append(heat.Values, frame[ear*bands:(ear+1)*bands])
	}
	raster := &picture.Raster{
		Name: "spikes" + side, Hertz: v.sheet.hertz, Bands: bands, Marks: v.marks[ear],
		Channels: v.enc.Shape().Size() / (bands * v.sheet.ears),
	}
	switch show {
	case "spikes":
		return []picture.Panel{raster}
	case "cochleagram":
		return []picture.Panel{heat}
	}
	return []picture.Panel{heat, raster}
}

// paint writes the picture and says what it shows.
func (v *soundViewer) paint(out io.Writer, f viewFlags) error {
	c := picture.Chart{From: f.start.at(0), To: v.end, Title: filepath.Base(v.file)}
	spikes := 0
	for ear, marks := range v.marks {
		c.Panels = append(c.Panels, v.panels(ear, f.sound.show)...)
		spikes += len(marks)
	}
	if v.words.panel != nil {
		v.words.panel.Said = v.words.said
		c.Panels = append(c.Panels, v.words.panel)
	}
	c.Note = fmt.Sprintf("%s: %d spikes, %d neurons", v.sheet.what, spikes, v.enc.Shape().Size())
	if err := c.Validate(); err != nil {
		return usage(err)
	}
	size, err := savePicture(f.output, c.Paint)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %s, %d spikes in %.3f s, %dx%d px\n", f.output, v.sheet.what, spikes, float64(v.end-c.From)/1e6, size.X, size.Y)
	return nil
}
