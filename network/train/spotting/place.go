package spotting

import (
	"ganglion/internal/random"
	"ganglion/network/train/words"
)

// Where and through what a window is heard. Rooms are from a small furnished one
// to a hall, heard from near or from across; pass bands from that of a telephone
// to that of a good headset.
var (
	roomDecay  = words.Range{Least: .15, Most: .9} // s
	roomBright = words.Range{Least: .4, Most: 1}
	roomAnswer = words.Range{Least: -12, Most: 6} // dB
	bandLow    = words.Range{Least: 80, Most: 400}
	bandHigh   = words.Range{Least: 2800, Most: 7000} // Hz
	bandSlope  = words.Range{Least: 18, Most: 60}     // dB per octave
)

// room puts the sound of some scenes into a room.
func (c *composer) room(s *words.Scene, key random.Key) {
	if key.Uniform(0) < c.Rooms {
		s.Reverberate(words.Room{Decay: roomDecay.DrawFactor(key, 1), Bright: roomBright.Draw(key, 2), Answer: roomAnswer.Draw(key, 3)})
	}
}

// microphone puts a scene behind a microphone and, some of them, a pass band.
func (c *composer) microphone(s *words.Scene, key random.Key) {
	if c.Microphones > 0 {
		s.Filter(c.ear.Microphone(c.Microphones*key.Uniform(0), key.With(1)))
	}
	if key.Uniform(1) < c.Telephones {
		s.Filter(c.ear.BandPass(bandLow.DrawFactor(key, 2), bandHigh.DrawFactor(key, 3), bandSlope.Draw(key, 4)))
	}
}

// noise adds noise of a level, dB: of a recording, of people who talk, of what
// is like music, or coloured noise.
func (c *composer) noise(s *words.Scene, loud float64, key random.Key) {
	level := words.Decibels(loud)
	switch kind := key.Uniform(6); {
	case kind < c.Babble:
		s.AddRecorded(c.babble(s.Steps, key.With(7)), 0, level)
	case kind < c.Babble+c.Music:
		s.AddRecorded(c.ear.Music(s.Steps, key.With(8)), 0, level)
	case len(c.Noise) > 0 && key.Uniform(2) < .75:
		n := c.Noise[key.Below(3, len(c.Noise))]
		s.AddRecorded(n, key.Below(4, n.Frames), level)
	default:
		s.AddNoise(c.white, key.Below(4, c.white.Frames), level, c.ear.Colour(words.Corner(key.With(5))))
	}
}

// babble is people who talk at once, each about as loud as the others.
func (c *composer) babble(frames int, key random.Key) words.Clip {
	s := c.ear.NewScene(frames)
	for one := range uint64(2 + key.Below(0, 6)) {
		k := key.With(one)
		start := k.Below(0, c.frames)
		c.copy(s, 0, frames, start, words.Variation{Gain: k.Between(1, -6, 6) - c.spoken[c.at(start)], Shift: c.Shift.DrawFactor(k, 2)})
	}
	return words.Clip{Power: s.Powers(), Frames: frames}
}
