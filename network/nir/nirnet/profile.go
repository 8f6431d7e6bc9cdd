package nirnet

import (
	"fmt"
	"math"
	"slices"

	"ganglion/internal/portable"
	"ganglion/network"
)

// Profile is one way to discretise a NIR graph. docs/nir.md shows which
// recorded traces of which simulator each one reproduces.
type Profile struct {
	Name string
	DT   float64 // s: time step of the equations
	// Method is how a leak is taken over a step: "euler" (1 - dt/tau),
	// "exact" (exp(-dt/tau), input held over the step) or "decay-add"
	// (exp(-dt/tau), input times dt/tau on top); or "integer", Euler in whole
	// numbers (Loihi), or "event", event-driven and exact between events.
	Method string
	// Scaled membranes are in units of the input: x counts whole and the
	// threshold grows to θ tau/(r dt) (snnTorch).
	Scaled bool
	// What an input counts: to a leaky membrane, to one that is read (LI), to a
	// synapse, and that of the synapse to the membrane behind it.
	Membrane, Read, Synapse, Behind Input
	// UnitR takes r as 1: the file's r says what dt is (Rockpool, Spyx).
	UnitR bool
	Rule  network.Rule
	// SynRule is the rule of neurons with a synapse where it is another one;
	// [network.Relay] for the same.
	SynRule network.Rule
	// ZeroReset resets to 0 where the file says another v_reset.
	ZeroReset  bool
	Inclusive  bool // a neuron fires at its threshold, not only above it
	Floor      bool // v of neurons without leak stays above -θ (Sinabs)
	LeakyFloor bool // v of leaky neurons likewise
	// Rest leaves the membrane where its spike put it for one more step, whose
	// input is lost (snnTorch).
	Rest    bool
	Late    bool // spikes leave one step later (Lava)
	SynLate bool // those of neurons with a synapse do (Spyx)
	// LateBias leaves the bias of recurrent connections out of the first step
	// (Norse).
	LateBias bool
	// EarlyFeedback feeds the spikes of a neuron that leave a step late back to
	// itself in the step in which they leave (Spyx).
	EarlyFeedback bool
}

// Input is what an input counts in a step.
type Input int

// The kinds of input to a state with decay a and time constant tau.
const (
	inputCurrent Input = iota // a current over dt, by the method: dt/tau, or 1-a
	inputWhole                // an impulse: 1, whatever dt
	inputDecayed              // an impulse at the beginning of the step: a
)

// gain is what an input counts, of which current is that of a current.
func (i Input) gain(decay, current float64) float64 {
	switch i {
	case inputWhole:
		return 1
	case inputDecayed:
		return decay
	}
	return current
}

// profiles are the built-in profiles. A name of the form simulator-version:layer
// is one layer of one simulator; choose finds the one that a file needs by the
// simulator's name alone.
func profiles() []Profile {
	return []Profile{
		{Name: "norse-1.1:from_nir", DT: 1e-3, Method: "euler", Rule: network.ToReset, LateBias: true},
		{Name: "norse-1.1:lifcell", DT: 1e-3, Method: "euler", Synapse: inputWhole, Rule: network.ToReset, LateBias: true},
		{Name: "norse-1.1:subtract", DT: 1e-3, Method: "euler", Rule: network.Subtract, LateBias: true},
		{Name: "snntorch-0.9:zero", DT: 1e-4, Method: "euler", Scaled: true, Rule: network.ToReset},
		{Name: "snntorch-0.9:rleaky-zero", DT: 1e-4, Method: "euler", Scaled: true, Rule: network.ToReset, ZeroReset: true, Rest: true},
		{Name: "snntorch-0.9:subtract", DT: 1e-4, Method: "euler", Scaled: true, Rule: network.SubtractNext},
		{Name: "snntorch-0.9:subtract-no-delay", DT: 1e-4, Method: "euler", Scaled: true, Rule: network.SubtractTwice},
		{Name: "sinabs-3.0:lif", DT: 1, Method: "exact", Rule: network.SubtractMany, Inclusive: true, Floor: true},
		{Name: "sinabs-3.0:from_nir", DT: 1, Method: "exact", Membrane: inputWhole, Read: inputWhole,
			Rule: network.SubtractMany, Inclusive: true, Floor: true},
		{Name: "sinabs-1.2:from_nir", DT: 1e-4, Method: "decay-add", Rule: network.SubtractMany, Inclusive: true, Floor: true, LeakyFloor: true},
		{Name: "rockpool-2.9:torch", DT: 1e-3, Method: "exact", Membrane: inputWhole, Read: inputDecayed, Synapse: inputDecayed,
			Behind: inputWhole, UnitR: true, Rule: network.SubtractMany, Inclusive: true},
		{Name: "rockpool-2.7:from_nir", DT: 1e-4, Method: "decay-add", Rule: network.Subtract},
		{Name: "nengo", DT: 1e-4, Method: "exact", Rule: network.ToReset},
		{Name: "spyx", DT: 1e-4, Method: "euler", Rule: network.SubtractDelayed, SynRule: network.Subtract, SynLate: true, EarlyFeedback: true},
		{Name: "spyx-0.1:to_nir", DT: 1, Method: "euler", Membrane: inputWhole, Read: inputWhole, Synapse: inputWhole, Behind: inputWhole,
			UnitR: true, Rule: network.SubtractDelayed, SynRule: network.Subtract, SynLate: true, EarlyFeedback: true},
		{Name: "lava", DT: 1e-4, Method: "euler", Rule: network.ToReset, Late: true},
		{Name: "loihi", DT: 1e-4, Method: integerMethod, Rule: network.ToReset, Late: true},
		{Name: "ganglion", DT: 1e-4, Method: eventMethod, Rule: network.Subtract},
	}
}

// ProfileByName finds a built-in profile; the name of a simulator stands for
// what it is without a file that tells more (see choose).
func ProfileByName(name string) (Profile, error) {
	for _, f := range families {
		if f.name == name {
			name = f.plain
		}
	}
	i := slices.IndexFunc(profiles(), func(p Profile) bool { return p.Name == name })
	if i < 0 {
		return Profile{}, fmt.Errorf("no profile %q; there are %v", name, ProfileNames())
	}
	return profiles()[i], nil
}

// ProfileNames lists what choose takes: the simulators, then the exact
// profiles.
func ProfileNames() []string {
	names := []string{Auto}
	for _, f := range families {
		names = append(names, f.name)
	}
	for _, p := range profiles() {
		if !slices.Contains(names, p.Name) {
			names = append(names, p.Name)
		}
	}
	return names
}

// check reports what does not go together.
func (p Profile) check() error {
	switch {
	case !(p.DT > 0) || math.IsInf(p.DT, 0):
		return fmt.Errorf("profile %q: dt of %v s", p.Name, p.DT)
	case p.Inclusive && (p.Method == eventMethod || p.Method == integerMethod):
		return fmt.Errorf("profile %q: thresholds that are inclusive need the membranes of a method in steps, not %q", p.Name, p.Method)
	}
	return nil
}

// leak is the decay of a state with time constant tau over a step, and the
// gain of an input that drives it with unit strength.
func (p Profile) leak(tau float64) (decay, gain float64) {
	switch p.Method {
	case "exact":
		a := portable.Exp(-p.DT / tau)
		return a, 1 - a
	case "decay-add":
		return portable.Exp(-p.DT / tau), p.DT / tau
	default:
		return 1 - p.DT/tau, p.DT / tau
	}
}
