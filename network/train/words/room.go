package words

import (
	"math"

	"ganglion/internal/portable"
	"ganglion/internal/random"
)

// Room is how a room answers sound, in powers: in each band the answer dies away
// exponentially, as the power of exponentially decaying noise does on average
// (Polack 1988).
type Room struct {
	Decay  float64 // s until the answer is 60 dB lower in the lowest band
	Bright float64 // that of the highest band to that of the lowest
	Answer float64 // power of the whole answer to that of the direct sound, dB: more of it farther away
}

// Reverberate puts all sound of the scene into a room.
func (s *Scene) Reverberate(r Room) {
	n := s.ear.Bands()
	keep := make([]float64, n)
	for i := range keep {
		decay := r.Decay * (1 + float64((r.Bright-1)*float64(i)/float64(max(n-1, 1))))
		keep[i] = Decibels(-60 * float64(s.ear.hop()) * 1e-6 / decay)
	}
	wet, answer := Decibels(r.Answer), make([]float64, n)
	for row := s.power; len(row) >= n; row = row[n:] {
		for i, p := range row[:n] {
			row[i] += float64(wet * answer[i])
			answer[i] = float64(keep[i]*answer[i]) + float64((1-keep[i])*p)
		}
	}
}

// Filter puts all sound of the scene behind a filter: db are by band.
func (s *Scene) Filter(db []float64) {
	n := s.ear.Bands()
	for i, d := range db {
		w := Decibels(d)
		for k := i; k < len(s.power); k += n {
			s.power[k] *= w
		}
	}
}

// Microphone is a smooth random answer of a microphone, dB by band: waves of one
// to four half periods over the bands, each of at most a depth, dB.
func (e *Ear) Microphone(depth float64, key random.Key) []float64 {
	n := e.Bands()
	db := make([]float64, n)
	for half := range uint64(4) {
		wave := depth * key.Between(2*half, -1, 1) / float64(half+1)
		shift := key.Between(2*half+1, 0, 2)
		for i := range db {
			x := float64(half+1)*float64(i)/float64(n) + shift
			db[i] += float64(wave * portable.Cos(math.Pi*x))
		}
	}
	return db
}

// BandPass is a pass band from low to high, Hz, dB by band: slope is how steep it
// ends, dB per octave.
func (e *Ear) BandPass(low, high, slope float64) []float64 {
	db := make([]float64, e.Bands())
	for i, f := range e.centres {
		db[i] = slope * min(0, octaves(low, f), octaves(f, high))
	}
	return db
}

// Music is a piece of so many frames of what is like music: notes of several
// voices, each with its harmonics, that are struck and die away.
func (e *Ear) Music(frames int, key random.Key) Clip {
	c := Clip{Power: make([]float64, frames*e.Bands()), Frames: frames}
	for voice := range 1 + key.Below(0, 4) {
		k := key.With(uint64(voice))
		for at, note := 0, uint64(0); at < frames; note++ {
			n := k.With(note)
			long := 8 + n.Below(0, 60)
			e.note(c, at, min(at+long+20, frames), n)
			at += long
		}
	}
	return c
}

// note adds a note to frames [from, to).
func (e *Ear) note(c Clip, from, to int, key random.Key) {
	bands := e.Bands()
	pitch := Range{70, 900}.DrawFactor(key, 1)
	fall := key.Between(2, 3, 12)                // dB from harmonic to octave
	decay := Decibels(-key.Between(3, .05, 1.5)) // in a frame
	for h := 1; float64(pitch*float64(h)) < e.centres[bands-1] && h <= 24; h++ {
		place := e.place(pitch * float64(h))
		if place < 0 {
			continue
		}
		at, power := int(place), Decibels(-fall*octaves(1, float64(h)))
		right := place - float64(at)
		for f := from; f < to; f++ {
			c.Power[f*bands+at] += float64((1 - right) * power)
			if at+1 < bands {
				c.Power[f*bands+at+1] += float64(right * power)
			}
			power = float64(power * decay)
		}
	}
}

// octaves is how many octaves a frequency lies above another.
func octaves(from, to float64) float64 { return portable.Log(to/from) / math.Ln2 }
