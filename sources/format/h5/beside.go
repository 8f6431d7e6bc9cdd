package h5

import (
	"fmt"
	"strings"

	h5 "ganglion/internal/hdf5"
)

// beside is what a file holds of a camera beside its events: it is named and
// counted, and not read.
type beside struct {
	name         string // its path without the first slash
	kind, detail string
	n            uint64 // elements
}

// Kinds of what lies beside events.
const (
	besideIMU    = "imu"
	besideFrames = "frames"
)

// side takes a member of a group that holds samples of an IMU or images, by its
// name, and reports whether it does: MVSEC's imu, image_raw and blended_image_rect,
// v2e's frame, event_utils' group images, M3ED's groups imu.
func (s *finding) side(name string, g *h5.Group, d *h5.Dataset) bool {
	kind := sideKind(strings.ToLower(name))
	switch {
	case kind == "" || len(s.beside) >= maxSearched:
		return false
	case g != nil && kind == besideFrames && name == "images":
		n := len(g.Names())
		s.add(g.Path, kind, fmt.Sprintf("%d images", n), uint64(n))
	case g != nil && kind == besideIMU:
		n := samples(g)
		if n == 0 {
			return false
		}
		s.add(g.Path, kind, fmt.Sprintf("%d samples", n), n)
	case d != nil && (kind == besideFrames && len(d.Shape) >= 3 || kind == besideIMU && len(d.Shape) == 2):
		s.add(d.Path, kind, fmt.Sprintf("%v of %v", d.Type, d.Shape), uint64(d.Shape[0]))
	default:
		return false
	}
	return true
}

func (s *finding) add(path, kind, detail string, n uint64) {
	s.beside = append(s.beside, beside{strings.TrimPrefix(path, "/"), kind, detail, n})
}

// sideKind is what a name stands for; "" for anything else.
func sideKind(name string) string {
	switch {
	case name == "imu" || strings.HasPrefix(name, "imu_data"):
		return besideIMU
	case name == "images" || name == "frame" || name == "frames",
		strings.HasPrefix(name, "image_raw"), strings.HasSuffix(name, "image_rect"):
		return besideFrames
	}
	return ""
}

// samples is the length of the longest dataset right in a group.
func samples(g *h5.Group) (n uint64) {
	for i, name := range g.Names() {
		if i >= maxSearched {
			break
		}
		if _, d, err := g.Member(name); err == nil && d != nil && len(d.Shape) > 0 {
			n = max(n, uint64(d.Shape[0]))
		}
	}
	return n
}
