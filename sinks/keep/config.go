package keep

import (
	"errors"
	"time"

	"ganglion/pipeline/clip"
)

// Config is the section keep of a pipeline.
type Config struct {
	Dir      string        `key:"dir" file:"folder" doc:"folder for the files, {name} being the pipeline's name; empty keeps nothing." example:"kept/{name}"`
	Before   time.Duration `key:"before" doc:"sound before a detection begins." min:"0s" max:"1m"`
	After    time.Duration `key:"after" doc:"sound after it ends." min:"0s" max:"1m"`
	Longest  time.Duration `key:"longest" doc:"from where a detection begins until it is reported; what lies further back is left out." min:"100ms" max:"5m"`
	MaxFiles int           `key:"max_files" doc:"files in the folder, two a detection, of whatever origin, from which on nothing more is kept." min:"2" max:"100000"`
}

// NewDefaultConfig keeps nothing until it is told where.
func NewDefaultConfig() Config {
	return Config{Before: 1500 * time.Millisecond, After: 500 * time.Millisecond, Longest: 5 * time.Second, MaxFiles: 2000}
}

// Validate refuses settings that have no effect.
func (c Config) Validate() error {
	if c.Dir == "" && c != NewDefaultConfig() {
		return errors.New("dir: a folder is needed to keep anything in")
	}
	return nil
}

// Span is what a clip holds.
func (c Config) Span() clip.Span {
	return clip.Span{Before: c.Before, After: c.After, Longest: c.Longest}
}
