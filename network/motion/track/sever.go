package track

import (
	"math"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// Gap is an empty strip across a track's way that has gone with it for some time.
type Gap struct {
	at      Vec // where it is
	periods int // with it, less gapLapse for each without
}

const (
	gapPeriods = 12 // that tell two things
	gapLapse   = 4
	gapStray   = 4. // px: how far it may be from where it was
)

// Known is where a strip has been seen, moved ahead by the last step.
func (g *Gap) Known() (known bool, at Vec) { return g.periods > 0, g.at }

// Note takes in where a strip is seen in a period, or that none is; step is the track's way
// in the period, px, and way its direction. It reports whether the strip parts two things.
func (g *Gap) Note(at Vec, seen bool, step, way Vec) bool {
	switch {
	case seen && (g.periods == 0 || math.Abs(at.Minus(g.at).Dot(way)) <= gapStray):
		g.at = at
		g.periods++
	case g.periods > 0:
		g.periods = max(0, g.periods-gapLapse)
	}
	g.at = g.at.Plus(step)
	return g.periods >= gapPeriods
}

func (g *Gap) fields(s *state.Codec) {
	g.at.fields(s)
	state.Integer(s, &g.periods)
}

// Sever parts a track that has held two things: it keeps what is in a box, and
// a blob becomes a track beside it. What has been told from its neighbour this way
// never joins it again.
func (k *Tracker) Sever(t *Track, kept Box, other *Blob) {
	t.Part(kept)
	t.Gap = Gap{}
	t.single = true
	if len(k.Tracks) >= k.cfg.Most {
		k.refused++
		return
	}
	n := k.fresh()
	*n = Track{
		State: pipeline.Tentative, Velocity: other.Velocity, hits: partedHits, flows: t.flows, born: other.First, Seen: *other, single: true,
	}
	n.setBox(other.Box)
	n.origin = n.Centre
	k.Tracks = append(k.Tracks, n)
}

// strangers reports whether two tracks have been told from each other, or one of them
// from such a neighbour: of like size, they are two things.
func strangers(a, b *Track) bool {
	x, y := a.Size.X*a.Size.Y, b.Size.X*b.Size.Y
	return (a.single || b.single) && min(x, y) > singleShare*max(x, y)
}

// singleShare is how much smaller a part of a thing is than the thing.
const singleShare = .3
