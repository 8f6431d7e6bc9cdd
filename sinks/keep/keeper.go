package keep

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"ganglion/internal/outfile"
	"ganglion/internal/wav"
	"ganglion/pipeline"
)

// unfinished marks a file that is being written.
const unfinished = ".tmp"

// Keeper writes clips into a folder. It implements [pipeline.Keeper].
type Keeper struct {
	dir    string
	max    int
	info   pipeline.StreamInfo
	format string // of a camera's recordings
	record Record
	spikeTable
}

// New makes the keeper of a pipeline. record serves streams of events.
func New(c Config, name string, record Record) *Keeper {
	return &Keeper{dir: outfile.Path(c.Dir, name), max: c.MaxFiles, format: c.Format, record: record}
}

// Open makes the folder and sees that files can be made in it.
func (k *Keeper) Open(_ context.Context, m pipeline.StreamMeta, layer pipeline.Shape) error {
	k.info = m.Info
	if !k.seen() {
		if err := k.spikeTable.fit(layer); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(k.dir, 0o755); err != nil {
		return err
	}
	probe, err := os.CreateTemp(k.dir, "probe-*"+unfinished)
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// Keep writes the two files of a clip.
func (k *Keeper) Keep(ctx context.Context, c *pipeline.Clip) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	first, second := k.files(c)
	if err := k.room(first.path, second.path); err != nil {
		return err
	}
	defer func() {
		if err != nil { // what is left of it is worth nothing
			_, _ = os.Remove(first.path+unfinished), os.Remove(second.path+unfinished)
		}
	}()
	for _, f := range []file{first, second} {
		if err := write(f.path+unfinished, f.content); err != nil {
			return err
		}
	}
	if err := outfile.Settle(first.path+unfinished, first.path); err != nil {
		return err
	}
	return outfile.Settle(second.path+unfinished, second.path)
}

// file is one of the two files of a clip.
type file struct {
	path    string
	content func(io.Writer) error
}

// files are those of a clip: what it is about, and then what was heard or seen.
func (k *Keeper) files(c *pipeline.Clip) (about, stream file) {
	base := filepath.Join(k.dir, fileName(c))
	if k.seen() {
		return file{base + ".json", func(w io.Writer) error { return writeAbout(w, c) }},
			file{base + endings[k.format], func(w io.Writer) error { return k.writeEvents(w, c) }}
	}
	form := wav.Format{Rate: k.info.SampleRate, Channels: k.info.Channels, Encoding: wav.Smallest(c.PCM)}
	return file{base + ".arrow", func(w io.Writer) error { return k.spikeTable.write(w, c, k.info) }},
		file{base + ".wav", func(w io.Writer) error { return wav.Write(w, form, c.PCM) }}
}

// room reports whether the folder may hold the files of a clip. Those that they
// replace are there already.
func (k *Keeper) room(own ...string) error {
	entries, err := os.ReadDir(k.dir)
	if errors.Is(err, os.ErrNotExist) { // taken away as a whole
		return os.MkdirAll(k.dir, 0o755)
	}
	if err != nil {
		return err
	}
	files := 2
	for _, e := range entries {
		path := filepath.Join(k.dir, e.Name())
		if !e.IsDir() && !slices.Contains(own, path) {
			files++
		}
	}
	if files > k.max {
		return fmt.Errorf("%s: holds %d files, so that two more are over max_files %d", k.dir, files-2, k.max)
	}
	return nil
}

// write makes a file.
func write(path string, content func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	if err = content(w); err == nil {
		err = w.Flush()
	}
	return errors.Join(err, f.Close())
}

var _ pipeline.Keeper = (*Keeper)(nil)
