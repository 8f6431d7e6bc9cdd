package keep

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/clip"
)

// Config is the section keep of a pipeline.
type Config struct {
	Dir      string        `key:"dir" file:"folder" doc:"Folder for the files, {name} being the pipeline's name; empty keeps nothing." example:"kept/{name}"`
	Before   time.Duration `key:"before" doc:"How much of the stream before a detection begins is kept." min:"0s" max:"1m"`
	After    time.Duration `key:"after" doc:"How much of the stream after it ends is kept." min:"0s" max:"1m"`
	Longest  time.Duration `key:"longest" doc:"Longest time from where a detection begins until it is reported; what lies further back is left out." min:"100ms" max:"5m"`
	MaxFiles int           `key:"max_files" doc:"Files in the folder, two a detection, of whatever origin, from which on nothing more is kept." min:"2" max:"100000"`

	Kinds     []string `key:"kinds" doc:"Kinds of detection that are kept; without any motion_start, line_cross, zone_enter, alarm_start, and all of sound and of classes." example:"[line_cross]"`
	Format    string   `key:"format" doc:"Of the recordings of a camera." enum:"evt3,aedat4"`
	MaxEvents int      `key:"max_events" doc:"Events of a camera, 16 bytes each, that are held for clips; of more the earlier ones are left out." min:"1000" max:"1000000000"`
}

// Formats of the recordings of a camera, and how their files end.
var endings = map[string]string{"evt3": ".raw", "aedat4": ".aedat4"}

// NewDefaultConfig keeps nothing until it is told where.
func NewDefaultConfig() Config {
	return Config{Before: 1500 * time.Millisecond, After: 500 * time.Millisecond, Longest: 5 * time.Second, MaxFiles: 2000,
		Format: "evt3", MaxEvents: 4_000_000}
}

// Validate refuses settings that have no effect.
func (c Config) Validate() error {
	if len(c.Kinds) == 0 {
		c.Kinds = nil
	}
	if c.Dir == "" && !reflect.DeepEqual(c, NewDefaultConfig()) {
		return errors.New("dir: a folder is needed to keep anything in")
	}
	for _, k := range c.Kinds {
		if !pipeline.Kind(k).Known() {
			return fmt.Errorf("kinds: %q is not a kind of detection", k)
		}
	}
	return nil
}

// Span is which detections have clips, and what a clip holds.
func (c Config) Span() clip.Span {
	return clip.Span{Before: c.Before, After: c.After, Longest: c.Longest, Kinds: c.Kinds, Most: c.MaxEvents}
}
