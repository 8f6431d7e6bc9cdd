package code

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// Config chooses a code. Each field names the codes that use it.
type Config struct {
	Type        string        `key:"type" doc:"How values become spikes." enum:"level,gaussian,rate,poisson,latency,log_latency,ttfs,phase,burst,delta"`
	Size        int           `key:"size" doc:"Level: thresholds, gaussian: receptive fields (at least 3) for each value." min:"1" max:"256"`
	Rate        float64       `key:"rate" doc:"Rate, poisson: spikes a second of the value 1." unit:"Hz" min:"0.001" max:"100000"`
	Slot        time.Duration `key:"slot" doc:"Poisson: time in which a neuron fires at most once." min:"10us"`
	Seed        uint64        `key:"seed" doc:"Poisson: seed of its random numbers."`
	Floor       float64       `key:"floor" doc:"Latency, log_latency: values up to this give no spike." min:"0" max:"0.999"`
	Tau         time.Duration `key:"tau" doc:"Log_latency, ttfs: time constant." min:"1us"`
	Phases      int           `key:"phases" doc:"Phase: binary digits." min:"1" max:"24"`
	MaxSpikes   int           `key:"max_spikes" doc:"Burst: spikes of the value 1." min:"2" max:"1000"`
	MinInterval time.Duration `key:"min_interval" doc:"Burst: interval of the value 1." min:"1us"`
	MaxInterval time.Duration `key:"max_interval" doc:"Burst: interval of the value 0." min:"1us"`
	Step        float64       `key:"step" doc:"Delta: change that gives a spike." min:"0.001" max:"1"`
	Limit       int           `key:"limit" doc:"Delta: most spikes of a value in a frame; 0 for no limit." min:"0"`
}

// NewDefaultConfig is the level code with four thresholds, and for every other code
// what suits frames of 10 ms.
func NewDefaultConfig() Config {
	return Config{
		Type: "level", Size: 4, Rate: 100, Slot: time.Millisecond, Floor: 0.05, Tau: 2 * time.Millisecond,
		Phases: 8, MaxSpikes: 5, MinInterval: 500 * time.Microsecond, MaxInterval: 2 * time.Millisecond, Step: 1. / 16,
	}
}

// Code turns frames of values into spikes. It is called from one goroutine.
type Code interface {
	// Channels is the number of neurons for each value.
	Channels() int
	// Append appends the spikes of the frame x, which holds over [t, t+period),
	// to out, in canonical order. t ascends by at least the period.
	Append(t int64, x []float32, out *pipeline.Spikes)
	pipeline.Stateful
}

// Decoder gives values back. It is built for the code's configuration and
// sees every frame in order.
type Decoder interface {
	// Decode fills x from the spikes of the frame at t: those in [t, t+period).
	Decode(t int64, s *pipeline.Spikes, x []float32)
}

// New makes a code for frames of the given number of values and period, µs.
func New(c Config, values int, period int64) (Code, error) {
	if values < 1 || period < 1 {
		return nil, fmt.Errorf("code: %d values every %d µs", values, period)
	}
	if err := c.check(period); err != nil {
		return nil, fmt.Errorf("code %s: %w", c.Type, err)
	}
	f := frame{values: values, period: period}
	switch c.Type {
	case "level":
		return newLevel(c, f), nil
	case "gaussian":
		return newGaussian(c, f), nil
	case "rate":
		return newRate(c, f), nil
	case "poisson":
		return newPoisson(c, f), nil
	case "latency", "log_latency", "ttfs":
		return newLatency(c, f), nil
	case "phase":
		return newPhase(c, f), nil
	case "burst":
		return newBurst(c, f), nil
	}
	return newDelta(c, f), nil
}

// NewDecoder makes the decoder that belongs to [New].
func NewDecoder(c Config, values int, period int64) (Decoder, error) {
	code, err := New(c, values, period)
	if err != nil {
		return nil, err
	}
	return code.(Decoder), nil // every code decodes itself; state is apart, one instance does one of both
}

// check reports what the bounds of single fields cannot say.
func (c *Config) check(period int64) error {
	switch c.Type {
	case "level", "rate", "latency", "log_latency", "ttfs", "phase", "delta":
	case "gaussian":
		if c.Size < 3 {
			return fmt.Errorf("size: %d receptive fields, 3 at least", c.Size)
		}
	case "poisson":
		if slot := c.Slot.Microseconds(); slot < 1 || period%slot != 0 {
			return fmt.Errorf("slot: %v does not divide the period of %d µs", c.Slot, period)
		}
	case "burst":
		return c.checkBurst(period)
	default:
		return errors.New("type: there is no such code")
	}
	if c.Type == "phase" && int64(c.Phases) > period {
		return fmt.Errorf("phases: %d in a period of %d µs", c.Phases, period)
	}
	if c.Type == "log_latency" && c.Floor == 0 {
		return errors.New("floor: 0 would let every value fire at once")
	}
	return nil
}

// frame is what the codes know of their input.
type frame struct {
	values int
	period int64 // µs
	keys   []uint64
}

// put notes a spike dt µs after the frame's time. Spikes may come in any order.
func (f *frame) put(dt int64, id int) {
	f.keys = append(f.keys, uint64(max(0, min(dt, f.period-1)))<<32|uint64(id))
}

// flush appends the noted spikes in canonical order.
func (f *frame) flush(t int64, out *pipeline.Spikes) {
	slices.Sort(f.keys)
	for _, k := range f.keys {
		out.Append(t+int64(k>>32), uint32(k))
	}
	f.keys = f.keys[:0]
}

// unit brings a value into [0, 1].
func unit(x float32) float64 {
	if x > 0 { // false for NaN
		return min(float64(x), 1)
	}
	return 0
}

// stateless is the snapshot of a code that remembers nothing.
type stateless struct{}

func (stateless) AppendState(b []byte) ([]byte, error) { return b, nil }
func (stateless) RestoreState(b []byte) error          { return state.Restore(b, func(*state.Codec) {}) }
