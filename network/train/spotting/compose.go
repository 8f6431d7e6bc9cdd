package spotting

import (
	"ganglion/internal/portable"
	"ganglion/internal/random"
)

// Range is from Least to Most.
type Range struct {
	Least float64 `key:"least" doc:"Least."`
	Most  float64 `key:"most" doc:"Most."`
}

func (r Range) draw(key random.Key, n uint64) float64 { return key.Between(n, r.Least, r.Most) }

// Plan says how windows are made.
type Plan struct {
	Frames  int     `key:"frames" doc:"Frames of a window." min:"50" max:"10000"`
	PreRoll int     `key:"pre_roll" doc:"Most frames that the front end hears before it." min:"0" max:"10000"`
	Before  float64 `key:"before" doc:"Share of windows with the word that have other speech before it." min:"0" max:"1"`
	After   float64 `key:"after" doc:"And after it." min:"0" max:"1"`
	Parts   float64 `key:"parts" doc:"Share of windows without the word that hold a part of it." min:"0" max:"1"`
	Hard    float64 `key:"hard" doc:"Share of windows of other speech at places that were taken for the word." min:"0" max:"1"`
	Noisy   float64 `key:"noisy" doc:"Share of windows with noise." min:"0" max:"1"`
	SNR     Range   `key:"snr" doc:"The sound to the noise." unit:"dB"`
	Gain    Range   `key:"gain" doc:"Loudness." unit:"dB"`
	Stretch Range   `key:"stretch" doc:"Factor of the word's duration."`
	Shift   Range   `key:"shift" doc:"Factor of all frequencies."`
	Tilt    float64 `key:"tilt" doc:"Most slope of the spectrum from the lowest to the highest band, either way." unit:"dB" min:"0" max:"40"`
}

// DefaultPlan suits frames of 10 ms.
var DefaultPlan = Plan{
	Frames: 300, PreRoll: 150, Before: .5, After: .3, Parts: .15, Hard: .6, Noisy: .75,
	SNR: Range{0, 32}, Gain: Range{-25, 10}, Stretch: Range{.85, 1.18}, Shift: Range{.9, 1.1}, Tilt: 8,
}

// Window is a piece of a stream. The first Pre frames are for the front end
// alone. Of the frames after those the word lies in [Start, End); both are
// below 0 where there is none.
type Window struct {
	Power      []float64 // [Pre+Frames, bands]
	Pre        int
	Start, End int
}

// Composer makes windows.
type Composer struct {
	Plan
	Material
	seed   uint64
	levels []float64 // of the clips
	begins []int     // frame of the stream at which each begins
	frames int       // of the stream
	spoken []float64 // level of each
}

// NewComposer prepares material.
func NewComposer(p Plan, m Material, seed uint64) *Composer {
	c := &Composer{Plan: p, Material: m, seed: seed}
	for _, clip := range m.Clips {
		c.levels = append(c.levels, level(clip.Power[clip.Start*m.Bands:clip.End*m.Bands], m.Bands))
	}
	for _, s := range m.Speech {
		c.begins = append(c.begins, c.frames)
		c.spoken = append(c.spoken, level(s.Power, m.Bands))
		c.frames += s.Frames(m.Bands)
	}
	return c
}

// Uses of random numbers.
const (
	useClip = iota
	useSpeech
	useNoise
	useWhole
)

// Word makes a window with clip i.
func (c *Composer) Word(i int, key random.Key) Window {
	w := c.window(key)
	clip := c.vary(c.Clips[i], key.With(useClip))
	k := key.With(useClip)
	length := clip.End - clip.Start
	// The word ends where it began and its consequences are in the window.
	w.End = length + k.Below(10, max(c.Frames-length-30, 1))
	w.Start = w.End - length
	first := w.Pre + w.Start - clip.Start
	c.lay(w.Power, first, clip.Sound, 1)
	quiet := max(clip.Start-2, 1)
	c.fill(w.Power, first, first+clip.Frames(c.Bands), Sound{Power: clip.Power[:quiet*c.Bands]}, k.With(1))
	speech := key.With(useSpeech)
	if speech.Uniform(0) < c.Before {
		end := w.Pre + w.Start - 2 - speech.Below(1, 40)
		c.speak(w.Power, 0, end, c.levels[i], speech.With(1))
	}
	if speech.Uniform(2) < c.After {
		from := w.Pre + w.End + 3 + speech.Below(3, 40)
		c.speak(w.Power, from, len(w.Power)/c.Bands, c.levels[i], speech.With(2))
	}
	c.finish(&w, c.levels[i], key, false)
	return w
}

// Part makes a window with a part of clip i, which is not the word.
func (c *Composer) Part(i int, key random.Key) Window {
	w := c.window(key)
	k := key.With(useClip)
	clip := c.vary(c.Clips[i], k)
	length := clip.End - clip.Start
	cut := int(float64(length) * k.Between(11, .3, .6))
	at := w.Pre + k.Below(10, max(c.Frames-length, 1))
	if k.Uniform(12) < .7 { // its beginning, and something else
		c.lay(w.Power, at-clip.Start, Sound{Power: clip.Power[:(clip.Start+cut)*c.Bands]}, 1)
		c.speak(w.Power, at+cut, len(w.Power)/c.Bands, c.levels[i], key.With(useSpeech, 1))
		c.speak(w.Power, 0, at-clip.Start, c.levels[i], key.With(useSpeech, 2))
	} else { // its end, after something else
		c.lay(w.Power, at, Sound{Power: clip.Power[(clip.Start+cut)*c.Bands:]}, 1)
		c.speak(w.Power, 0, at, c.levels[i], key.With(useSpeech, 1))
	}
	c.finish(&w, c.levels[i], key, false)
	return w
}

// Other makes a window of speech without the word that begins at a frame of
// the stream, in noise if noisy and else as the plan has it.
func (c *Composer) Other(frame int, key random.Key, noisy bool) Window {
	w := c.window(key)
	frames := len(w.Power) / c.Bands
	from := max(0, frame-w.Pre)
	c.copy(w.Power, from, frames, 1)
	c.finish(&w, c.spoken[c.at(from+frames/2)], key, noisy)
	return w
}

func (c *Composer) window(key random.Key) Window {
	k := key.With(useWhole)
	pre := k.Below(0, c.PreRoll+1)
	return Window{Power: make([]float64, (pre+c.Frames)*c.Bands), Pre: pre, Start: -1, End: -1}
}

// at is the speech that holds a frame of the stream, which goes round.
func (c *Composer) at(frame int) int {
	frame %= c.frames
	lo, hi := 0, len(c.begins)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; c.begins[mid] <= frame {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// copy adds n frames of the stream from a frame on, times a factor.
func (c *Composer) copy(dst []float64, from, n int, factor float64) {
	for done := 0; done < n; {
		s := c.at(from + done)
		skip := (from+done)%c.frames - c.begins[s]
		part := c.Speech[s].Power[skip*c.Bands:]
		part = part[:min(len(part), (n-done)*c.Bands)]
		for i, v := range part {
			dst[done*c.Bands+i] += float64(factor * float64(v))
		}
		done += len(part) / c.Bands
	}
}

// speak adds other speech to frames [from, to), about as loud as the word.
func (c *Composer) speak(dst []float64, from, to int, loud float64, key random.Key) {
	from, to = max(from, 0), min(to, len(dst)/c.Bands)
	if to <= from || c.frames == 0 {
		return
	}
	start := key.Below(0, c.frames)
	factor := loud / max(c.spoken[c.at(start)], 1e-12) * gain(key.Between(1, -8, 6))
	c.copy(dst[from*c.Bands:], start, to-from, factor)
}

// lay adds a sound that begins at a frame, which may lie outside.
func (c *Composer) lay(dst []float64, first int, s Sound, factor float64) {
	for k := range s.Frames(c.Bands) {
		if f := first + k; f >= 0 && (f+1)*c.Bands <= len(dst) {
			for i, v := range s.Power[k*c.Bands : (k+1)*c.Bands] {
				dst[f*c.Bands+i] += float64(factor * float64(v))
			}
		}
	}
}

// fill adds frames of a quiet sound at random outside [from, to), so that the
// room of a clip does not end with it.
func (c *Composer) fill(dst []float64, from, to int, quiet Sound, key random.Key) {
	for f := range len(dst) / c.Bands {
		if f >= from && f < to {
			continue
		}
		k := key.Below(uint64(f), quiet.Frames(c.Bands))
		for i, v := range quiet.Power[k*c.Bands : (k+1)*c.Bands] {
			dst[f*c.Bands+i] += float64(v)
		}
	}
}

// vary stretches a clip in time.
func (c *Composer) vary(clip Clip, key random.Key) Clip {
	factor := c.Stretch.draw(key, 0)
	n := max(1, int(float64(clip.Frames(c.Bands))*factor))
	out := Clip{Start: int(float64(clip.Start) * factor), End: int(float64(float64(clip.End)*factor) + .5)}
	out.Power = make([]float32, n*c.Bands)
	last := clip.Frames(c.Bands) - 1
	for f := range n {
		from := float64(f) / factor
		a := min(int(from), last)
		b, part := min(a+1, last), float32(from-float64(a))
		for i := range c.Bands {
			x, y := clip.Power[a*c.Bands+i], clip.Power[b*c.Bands+i]
			out.Power[f*c.Bands+i] = float32((1-part)*x) + float32(part*y)
		}
	}
	return out
}

// finish varies the whole window: pitch, tilt, noise and loudness.
func (c *Composer) finish(w *Window, loud float64, key random.Key, noisy bool) {
	k := key.With(useWhole)
	c.warp(w.Power, c.Shift.draw(k, 1))
	c.tilt(w.Power, k.Between(2, -c.Tilt, c.Tilt))
	if noise := key.With(useNoise); noisy || noise.Uniform(0) < c.Noisy {
		c.noise(w.Power, loud*gain(-c.SNR.draw(noise, 1)), noise)
	}
	factor := gain(c.Gain.draw(k, 3))
	for i := range w.Power {
		w.Power[i] *= factor
	}
}

// warp shifts the frequencies of all frames by a factor: band i takes what was
// at band i/factor.
func (c *Composer) warp(power []float64, factor float64) {
	var row [256]float64
	for at := 0; at < len(power); at += c.Bands {
		frame := power[at : at+c.Bands]
		copy(row[:], frame)
		for i := range frame {
			from := min((float64(i)+.5)/factor-.5, float64(c.Bands-1))
			a := max(int(from), 0)
			b, part := min(a+1, c.Bands-1), max(from-float64(a), 0)
			frame[i] = float64((1-part)*row[a]) + float64(part*row[b])
		}
	}
}

// tilt makes high bands louder or softer than low ones, as rooms and
// microphones do.
func (c *Composer) tilt(power []float64, db float64) {
	var factor [256]float64
	for i := range c.Bands {
		factor[i] = gain(db * (float64(i)/float64(max(c.Bands-1, 1)) - .5))
	}
	for i := range power {
		power[i] *= factor[i%c.Bands]
	}
}

// noise adds noise of a mean power: of a recording, or coloured noise.
func (c *Composer) noise(power []float64, loud float64, key random.Key) {
	frames := len(power) / c.Bands
	if len(c.Noise) > 0 && key.Uniform(2) < .75 {
		s := c.Noise[key.Below(3, len(c.Noise))]
		n := s.Frames(c.Bands)
		start := key.Below(4, n)
		mean := 0.
		for f := range frames {
			at := (start + f) % n
			mean += total(s.Power[at*c.Bands:(at+1)*c.Bands]) / float64(frames)
		}
		factor := loud / max(mean, 1e-15)
		for f := range frames {
			at := (start + f) % n
			for i, v := range s.Power[at*c.Bands : (at+1)*c.Bands] {
				power[f*c.Bands+i] += float64(factor * float64(v))
			}
		}
		return
	}
	slope := key.Between(5, -30, 10) // dB from the lowest to the highest band
	sum := 0.
	var shape [256]float64
	for i := range c.Bands {
		shape[i] = gain(slope * float64(i) / float64(c.Bands))
		sum += shape[i]
	}
	for i := range power {
		// The power of a band fluctuates as the mean of four exponentials.
		u := key.With(uint64(i))
		x := -portable.Log(u.Uniform(6)*u.Uniform(7)*u.Uniform(8)*u.Uniform(9)) / 4
		power[i] += float64(loud * shape[i%c.Bands] / sum * x)
	}
}
