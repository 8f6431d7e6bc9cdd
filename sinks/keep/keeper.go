package keep

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ganglion/internal/outfile"
	"ganglion/internal/wav"
	"ganglion/pipeline"
)

// unfinished marks a file that is being written.
const unfinished = ".tmp"

// Keeper writes clips into a folder. It implements [pipeline.Keeper].
type Keeper struct {
	dir  string
	max  int
	info pipeline.StreamInfo
	spikeTable
}

// New makes the keeper of a pipeline.
func New(c Config, name string) *Keeper {
	return &Keeper{dir: outfile.Path(c.Dir, name), max: c.MaxFiles}
}

// Open makes the folder and sees that files can be made in it.
func (k *Keeper) Open(_ context.Context, m pipeline.StreamMeta, layer pipeline.Shape) error {
	if err := k.spikeTable.fit(layer); err != nil {
		return err
	}
	k.info = m.Info
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
	base := filepath.Join(k.dir, fileName(c))
	if err := k.room(base); err != nil {
		return err
	}
	spikes, sound := base+".arrow", base+".wav"
	defer func() {
		if err != nil { // what is left of it is worth nothing
			_, _ = os.Remove(spikes+unfinished), os.Remove(sound+unfinished)
		}
	}()
	if err := write(spikes+unfinished, func(w io.Writer) error { return k.spikeTable.write(w, c, k.info) }); err != nil {
		return err
	}
	form := wav.Format{Rate: k.info.SampleRate, Channels: k.info.Channels, Encoding: wav.Smallest(c.PCM)}
	if err := write(sound+unfinished, func(w io.Writer) error { return wav.Write(w, form, c.PCM) }); err != nil {
		return err
	}
	if err := os.Rename(spikes+unfinished, spikes); err != nil {
		return err
	}
	return os.Rename(sound+unfinished, sound)
}

// room reports whether the folder may hold the files of a clip. Those that they
// replace are there already.
func (k *Keeper) room(base string) error {
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
		if !e.IsDir() && path != base+".arrow" && path != base+".wav" {
			files++
		}
	}
	if files > k.max {
		return fmt.Errorf("%s: holds %d files, so that two more are over max_files %d", k.dir, files-2, k.max)
	}
	return nil
}

// write makes a file that survives a loss of power.
func write(path string, content func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	if err = content(w); err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

var _ pipeline.Keeper = (*Keeper)(nil)
