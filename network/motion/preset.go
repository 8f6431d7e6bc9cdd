package motion

import "ganglion/pipeline/component"

// UsePreset implements [component.Preset]: docs/motion.md tells what each preset was
// measured on.
func (c *ReadoutConfig) UsePreset(name string) {
	switch name {
	case "people": // limbs stay with their bodies
		c.Cluster.Link, c.Track.Join, c.Track.Confirm = 18, 12, 7
	case "traffic": // what only flickers is not a vehicle
		c.Track.Confirm, c.Track.Wanted.MinSpeed = 5, 20
	case "indoor": // ripple of lamps is seldom seen for long
		c.Cluster.Link, c.Track.Join, c.Track.Confirm, c.Track.Wanted.MinSize = 16, 8, 15, 15
	case "outdoor": // neither rain nor leaves
		c.Track.Confirm, c.Track.Wanted.MinSize, c.Track.Wanted.MinSpeed, c.Track.Wanted.MaxAspect = 15, 15, 20, 4
	case "belt": // small distances, all things fast
		c.Cluster.Link, c.Track.Wanted.MinSpeed = 8, 30
	case "insects": // small things, seen at once, whose wings and rotors are seen now and then
		c.Sensitivity, c.Cluster.Link, c.Track.Confirm, c.Track.Shrink, c.Track.Wanted.MaxSize = 2, 8, 2, .05, 40
	case "vibration": // the camera trembles
		c.Camera.Moving = true
	}
}

var _ component.Preset = (*ReadoutConfig)(nil)
