package cmd

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"ganglion/network/nir"
	"ganglion/pipeline/checkpoint"
	"ganglion/pipeline/component"
	"ganglion/pipeline/config"
	"ganglion/pipeline/runner"
)

// checkpointFlags are the flags of run that keep snapshots.
type checkpointFlags struct {
	dir    string
	every  time.Duration
	resume bool
}

func (f *checkpointFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.dir, "checkpoint", "", "save snapshots of the whole state to the folder `DIR`")
	cmd.Flags().DurationVar(&f.every, "checkpoint-every", 10*time.Second, "sensor time between two snapshots")
	cmd.Flags().BoolVar(&f.resume, "resume", false, "resume from the newest snapshot in the folder of --checkpoint, if there is one")
}

// check refuses flags that do not go together.
func (f *checkpointFlags) check(dryRun bool) error {
	if f.dir == "" {
		if f.resume {
			return errors.New("--resume: --checkpoint names the folder to resume from")
		}
		return nil
	}
	if dryRun {
		return errors.New("--checkpoint: a snapshot of a dry run would miss what its sinks did not write")
	}
	if f.every < time.Microsecond {
		return fmt.Errorf("--checkpoint-every: %v is less than 1 µs", f.every)
	}
	return nil
}

// of is what the runner of a pipeline is told, nil without --checkpoint.
func (f *checkpointFlags) of() *runner.Checkpoint {
	if f.dir == "" {
		return nil
	}
	return &runner.Checkpoint{Dir: f.dir, Every: f.every, Resume: f.resume}
}

// identity lists what a snapshot depends on. As for the configuration's hash,
// counts such as the number of shards and secrets stay out; so do where the
// input lies and how fast it is played. A file that encoder, network or readout
// read, such as a model, counts by its content too.
func identity(p *config.Pipeline) (id checkpoint.Identity, err error) {
	for _, part := range []config.Part{p.Source, p.Encoder, p.Network, p.Readout} {
		kind := part.Spec.Kind
		id.Add(fmt.Sprintf("%s.%s", kind, kind.Selector()), part.Spec.Name)
		for _, leaf := range part.Written {
			input := kind == component.KindSource && (leaf.Path == "path" || leaf.Path == "pace")
			if input || leaf.Type == component.TypeCount || leaf.Type == component.TypeSecret {
				continue
			}
			id.Add(fmt.Sprintf("%s.%s", kind, leaf.ID), leaf.Text)
		}
		if kind == component.KindSource {
			continue
		}
		for _, file := range component.Files(part.Config) {
			if file.Writes {
				continue
			}
			key := fmt.Sprintf("%s.%s", kind, file.Path)
			digest, err := fileDigest(file.Text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			id.Add(key+" (SHA-256)", digest)
		}
	}
	return id, nil
}

func fileDigest(path string) (string, error) {
	f, size, err := nir.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, 0, size)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}
