package spotting

import (
	"ganglion/internal/portable"
)

// Sound is a recording as powers of mel bands, a sine of full scale being 1.
type Sound struct {
	Name  string
	Power []float32 // [frames, bands]
}

// Frames is its length in frames of the given number of bands.
func (s Sound) Frames(bands int) int { return len(s.Power) / bands }

// Clip is a recording of the word, which lies from frame Start to frame End.
type Clip struct {
	Sound
	Start, End int
}

// Material is what a network learns from.
type Material struct {
	Bands  int
	Clips  []Clip  // of the word
	Speech []Sound // without the word
	Noise  []Sound // may be empty
}

// level is the mean power of the frames that hold sound: those within 30 dB of
// the loudest, all bands together.
func level(power []float32, bands int) float64 {
	loud := 0.
	for at := 0; at+bands <= len(power); at += bands {
		loud = max(loud, total(power[at:at+bands]))
	}
	sum, n := 0., 0
	for at := 0; at+bands <= len(power); at += bands {
		if p := total(power[at : at+bands]); p >= loud/1000 {
			sum, n = sum+p, n+1
		}
	}
	return sum / float64(max(n, 1))
}

func total(frame []float32) float64 {
	sum := 0.
	for _, v := range frame {
		sum += float64(v)
	}
	return sum
}

// gain is a factor of power for decibels.
func gain(db float64) float64 { return portable.Pow(10, db/10) }
