package spotting

import (
	"ganglion/internal/random"
	"ganglion/network/train/words"
)

// Plan describes how windows are made.
type Plan struct {
	Frames  int         `key:"frames" doc:"Frames of a window." min:"50" max:"10000"`
	PreRoll int         `key:"pre_roll" doc:"Most frames that the front end hears before it." min:"0" max:"10000"`
	Before  float64     `key:"before" doc:"Share of windows with the word that have other speech before it." min:"0" max:"1"`
	After   float64     `key:"after" doc:"And after it." min:"0" max:"1"`
	Others  float64     `key:"others" doc:"Windows without the word for each one with it." min:"0.1" max:"10"`
	Parts   float64     `key:"parts" doc:"Share of windows without the word that hold a part of it." min:"0" max:"1"`
	Hard    float64     `key:"hard" doc:"Share of windows of other speech at places that were taken for the word." min:"0" max:"1"`
	Noisy   float64     `key:"noisy" doc:"Share of windows with noise." min:"0" max:"1"`
	SNR     words.Range `key:"snr" doc:"The sound to the noise." unit:"dB"`
	Gain    words.Range `key:"gain" doc:"Loudness." unit:"dB"`
	Stretch words.Range `key:"stretch" doc:"Factor of the word's duration, even in its logarithm." min:"0.1" max:"10"`
	Shift   words.Range `key:"shift" doc:"Factor of all frequencies, even in its logarithm." min:"0.1" max:"10"`
	Tilt    float64     `key:"tilt" doc:"Most slope of the spectrum from the lowest to the highest band, either way." unit:"dB" min:"0" max:"40"`

	Rooms       float64 `key:"rooms" doc:"Share of windows in a room, of drawn size, walls and distance." min:"0" max:"1"`
	Microphones float64 `key:"microphones" doc:"Most unevenness of the microphone." unit:"dB" min:"0" max:"40"`
	Telephones  float64 `key:"telephones" doc:"Share of windows through a pass band as of telephones and headsets." min:"0" max:"1"`
	Babble      float64 `key:"babble" doc:"Share of the noise that is many people talking." min:"0" max:"1"`
	Music       float64 `key:"music" doc:"Share of the noise that is like music." min:"0" max:"1"`
	Listen      int     `key:"listen" doc:"Windows with the word between two times of listening to all speech without it." min:"1"`
}

// defaultPlan suits frames of 10 ms.
func defaultPlan() Plan {
	return Plan{
		Frames: 300, PreRoll: 150, Before: .5, After: .3, Others: 1, Parts: .15, Hard: .6, Noisy: .75,
		SNR: words.Range{Least: 0, Most: 32}, Gain: words.Range{Least: -25, Most: 10}, Stretch: words.Range{Least: .85, Most: 1.18},
		Shift: words.Range{Least: .9, Most: 1.1}, Tilt: 8, Listen: 300,
	}
}

// window is a piece of a stream. The first Pre frames are for the front end
// alone. Of the frames after those the word lies in [Start, End); both are
// below 0 where there is none.
type window struct {
	Power      []float64 // [Pre+Frames, bands]
	Pre        int
	Start, End int
}

// composer makes windows.
type composer struct {
	Plan
	material
	ear    *words.Ear
	white  words.Clip
	seed   uint64
	levels []float64 // of the words of the clips, dB
	begins []int     // frame of the stream at which each speech begins
	frames int       // of the stream
	spoken []float64 // level of each, dB
}

// noiseSeconds is how long the white noise lasts before it comes again.
const noiseSeconds = 60

// newComposer prepares material for an ear.
func newComposer(p Plan, m material, ear *words.Ear, seed uint64) *composer {
	c := &composer{Plan: p, material: m, ear: ear, seed: seed}
	c.white = ear.Clip(words.White(noiseSeconds*ear.Rate(), random.New(seed).With(useWhite)))
	for _, clip := range m.Clips {
		c.levels = append(c.levels, level(clip.Part(clip.Start, clip.End)))
	}
	for _, s := range m.Speech {
		c.begins = append(c.begins, c.frames)
		c.spoken = append(c.spoken, level(s))
		c.frames += s.Frames
	}
	return c
}

// Uses of random numbers.
const (
	useClip = iota
	useSpeech
	useNoise
	useWhole
	useWhite
	useRoom
	useMicrophone
)

// canvas is a window in the making.
type canvas struct {
	*words.Scene
	window window
	vary   words.Variation // of all sound but the noise
}

// begin draws what varies the whole window: the front end's past, loudness,
// pitch and tilt.
func (c *composer) begin(key random.Key) canvas {
	k := key.With(useWhole)
	w := window{Pre: k.Below(0, c.PreRoll+1), Start: -1, End: -1}
	v := words.Variation{Gain: c.Gain.Draw(k, 3), Shift: c.Shift.DrawFactor(k, 1), Tilt: k.Between(2, -c.Tilt, c.Tilt)}
	return canvas{c.ear.NewScene(w.Pre + c.Frames), w, v}
}

// finish adds the noise below sound of a level, dB.
func (c *composer) finish(v canvas, loud float64, key random.Key, noisy bool) window {
	c.room(v.Scene, key.With(useRoom))
	if noise := key.With(useNoise); noisy || noise.Uniform(0) < c.Noisy {
		c.noise(v.Scene, loud+v.vary.Gain-c.SNR.Draw(noise, 1), noise)
	}
	c.microphone(v.Scene, key.With(useMicrophone))
	v.window.Power = v.Powers()
	return v.window
}

// stretched is a variation of clip i, and where the word is then.
func (c *composer) stretched(v canvas, i int, key random.Key) (vary words.Variation, start, end int) {
	vary = v.vary
	vary.Stretch = c.Stretch.DrawFactor(key, 0)
	clip := c.Clips[i]
	return vary, int(float64(clip.Start) * vary.Stretch), int(float64(float64(clip.End)*vary.Stretch) + .5)
}

// word makes a window with clip i.
func (c *composer) word(i int, key random.Key) window {
	v, k := c.begin(key), key.With(useClip)
	clip := c.Clips[i]
	vary, start, end := c.stretched(v, i, k)
	// The word ends where it began and its consequences are in the window.
	length := end - start
	w := &v.window
	w.End = length + k.Below(10, max(c.Frames-length-30, 1))
	w.Start = w.End - length
	first := w.Pre + w.Start - start
	v.Add(clip.Clip, first, vary)
	c.fill(v, first, first+vary.Length(clip.Clip), clip.Part(0, max(clip.Start-2, 1)), k.With(1))
	speech := key.With(useSpeech)
	if speech.Uniform(0) < c.Before {
		end := w.Pre + w.Start - 2 - speech.Below(1, 40)
		c.speak(v, 0, end, c.levels[i], speech.With(1))
	}
	if speech.Uniform(2) < c.After {
		from := w.Pre + w.End + 3 + speech.Below(3, 40)
		c.speak(v, from, v.Steps, c.levels[i], speech.With(2))
	}
	return c.finish(v, c.levels[i], key, false)
}

// part makes a window with a part of clip i, which is not the word.
func (c *composer) part(i int, key random.Key) window {
	v, k := c.begin(key), key.With(useClip)
	clip := c.Clips[i]
	vary, start, end := c.stretched(v, i, k)
	share := k.Between(11, .3, .6)
	cut := clip.Start + int(float64(clip.End-clip.Start)*share)
	length := end - start
	spoken := int(float64(length) * share)
	at := v.window.Pre + k.Below(10, max(c.Frames-length, 1))
	if k.Uniform(12) < .7 { // its beginning, and something else
		v.Add(clip.Part(0, cut), at-start, vary)
		c.speak(v, at+spoken, v.Steps, c.levels[i], key.With(useSpeech, 1))
		c.speak(v, 0, at-start, c.levels[i], key.With(useSpeech, 2))
	} else { // its end, after something else
		v.Add(clip.Part(cut, clip.Frames), at, vary)
		c.speak(v, 0, at, c.levels[i], key.With(useSpeech, 1))
	}
	return c.finish(v, c.levels[i], key, false)
}

// other makes a window of speech without the word that begins at a frame of
// the stream, in noise if noisy and else as the plan has it.
func (c *composer) other(frame int, key random.Key, noisy bool) window {
	v := c.begin(key)
	from := max(0, frame-v.window.Pre)
	c.copy(v.Scene, 0, v.Steps, from, v.vary)
	return c.finish(v, c.spoken[c.at(from+v.Steps/2)], key, noisy)
}

// at is the speech that holds a frame of the stream, which goes round.
func (c *composer) at(frame int) int {
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

// copy adds the stream from a frame on to frames [first, last) of a scene.
func (c *composer) copy(s *words.Scene, first, last, from int, v words.Variation) {
	for first < last {
		at := c.at(from)
		speech := c.Speech[at]
		skip := from%c.frames - c.begins[at]
		n := min(speech.Frames-skip, last-first)
		s.Add(speech.Part(skip, skip+n), first, v)
		first, from = first+n, from+n
	}
}

// speak adds other speech to frames [from, to), about as loud as the word, dB.
func (c *composer) speak(v canvas, from, to int, loud float64, key random.Key) {
	from, to = max(from, 0), min(to, v.Steps)
	if to <= from || c.frames == 0 {
		return
	}
	start := key.Below(0, c.frames)
	vary := v.vary
	vary.Gain += loud - c.spoken[c.at(start)] + key.Between(1, -8, 6)
	c.copy(v.Scene, from, to, start, vary)
}

// fill adds frames of a quiet sound at random outside [from, to), so that the
// room of a clip does not end with it.
func (c *composer) fill(v canvas, from, to int, quiet words.Clip, key random.Key) {
	bands := c.ear.Bands()
	room := words.Clip{Power: make([]float64, v.Steps*bands), Frames: v.Steps}
	for f := range v.Steps {
		if f >= from && f < to {
			continue
		}
		k := key.Below(uint64(f), quiet.Frames)
		copy(room.Power[f*bands:(f+1)*bands], quiet.Power[k*bands:])
	}
	v.Add(room, 0, v.vary)
}
