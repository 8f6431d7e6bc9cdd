package simulator

import (
	"math"

	"ganglion/internal/portable"
	"ganglion/internal/random"
	"ganglion/pipeline"
)

// The noise model: shot noise is a Poisson process of random polarity, leak a
// jittered periodic ON event. Both rates differ from pixel to pixel with a
// log-normal spread (jAER's NoiseTester, v2e).
const (
	rateSpread = .5 // standard deviation of log10 of a pixel's rate
	leakJitter = .2 // standard deviation of a leak period, share of the period

	hotMinLog10 = 1.48 // hot pixels have 10^U(1.48, 3) Hz
	hotMaxLog10 = 3.
)

// leakRate is the leak rate of a pixel, Hz, that goes with a shot noise rate,
// Hz: 0.1 at 1 and 0.3 from 5 on, straight lines between (0, 0), (1, 0.1) and
// (5, 0.3).
func leakRate(shot float64) float64 {
	switch {
	case shot <= 1:
		return .1 * shot
	case shot < 5:
		return .1 + float64(float64(.2*(shot-1))/4)
	}
	return .3
}

// wheelSlots is the length of the timing wheel in steps. A clock that fires
// later than one turn stays in its slot until its turn comes.
const wheelSlots = 4096

// noise keeps the time of the next event of each pixel's shot and leak process
// and of each hot pixel, in a hashed timing wheel (Varghese, Lauck 1987): a
// step costs what is due in it, not what there is.
type noise struct {
	rnd    source
	stepUS int64
	clocks []clock
	slots  [wheelSlots]int32 // first clock of each slot, -1 when there is none
}

// clock is one process of one pixel.
type clock struct {
	next   int64   // µs
	mean   float32 // mean time between events, µs
	fired  uint32
	key    uint32 // of the pixel
	follow int32  // next clock in the slot, -1 at the end
	kind   purpose
}

func newNoise(c Config, hot int, stepUS int64, rnd source) *noise {
	n := &noise{rnd: rnd, stepUS: stepUS}
	for i := range n.slots {
		n.slots[i] = -1
	}
	count := c.Width * c.Height
	if c.Noise > 0 {
		n.clocks = make([]clock, 0, 2*count+hot)
		leak := leakRate(c.Noise)
		for i := range count {
			n.add(i, c.Width, forShot, c.Noise*n.rateFactor(forShotRate, i, c.Width))
			n.add(i, c.Width, forLeak, leak*n.rateFactor(forLeakRate, i, c.Width))
		}
	}
	for k := range hot {
		i := int(rnd.uniform(forHotPixel, uint64(k), 0) * float64(count))
		exponent := hotMinLog10 + float64((hotMaxLog10-hotMinLog10)*rnd.uniform(forHotPixel, uint64(k), 1))
		n.add(i, c.Width, forHot, portable.Pow(10, exponent))
	}
	return n
}

// rateFactor is log-normal over the pixels with mean 1.
func (n *noise) rateFactor(p purpose, i, width int) float64 {
	const sigma = rateSpread * math.Ln10
	return portable.Exp(float64(sigma*n.rnd.normal(p, uint64(pixelKey(i, width)), 0)) - float64(sigma*sigma)/2)
}

func (n *noise) add(pixel, width int, kind purpose, rate float64) {
	k := clock{mean: float32(1e6 / rate), key: pixelKey(pixel, width), kind: kind}
	if kind == forLeak {
		k.next = int64(float64(k.mean) * n.rnd.uniform(forLeak, uint64(k.key), 0)) // any phase
	} else {
		k.next = n.gap(&k)
	}
	k.fired++
	n.clocks = append(n.clocks, k)
	n.insert(int32(len(n.clocks) - 1))
}

func (n *noise) insert(at int32) {
	k := &n.clocks[at]
	slot := k.next / n.stepUS % wheelSlots
	k.follow, n.slots[slot] = n.slots[slot], at
}

// step hands over the noise events of the step that begins at t.
func (n *noise) step(t int64, emit func(k *clock, p uint8)) {
	slot := t / n.stepUS % wheelSlots
	at := n.slots[slot]
	n.slots[slot] = -1
	for at >= 0 {
		k := &n.clocks[at]
		follow := k.follow
		for k.next < t+n.stepUS {
			emit(k, n.polarity(k))
			k.next += n.gap(k)
			k.fired++
		}
		n.insert(at)
		at = follow
	}
}

// gap is the time to the next event, at least 1 µs.
func (n *noise) gap(k *clock) int64 {
	if k.kind == forLeak {
		return 1 + int64(float64(k.mean)*max(.1, 1+float64(leakJitter*n.rnd.normal(forLeak, uint64(k.key), uint64(k.fired)))))
	}
	return 1 - int64(float64(k.mean)*portable.Log(n.rnd.uniform(k.kind, uint64(k.key), uint64(k.fired))))
}

func (n *noise) polarity(k *clock) uint8 {
	if k.kind == forLeak {
		return pipeline.On
	}
	return uint8(random.Mix(n.rnd.bits(k.kind, uint64(k.key), uint64(k.fired))) >> 63)
}

// at is the pixel's place.
func (k *clock) at() (x, y int) { return int(k.key & 0xffff), int(k.key >> 16) }

func (k *clock) cause() int32 {
	switch k.kind {
	case forLeak:
		return Leak
	case forHot:
		return Hot
	}
	return Shot
}
