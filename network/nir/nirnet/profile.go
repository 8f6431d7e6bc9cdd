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
	// numbers (Loihi), or "event", exact between events without steps.
	Method string
	// Scaled membranes are in units of the input: x counts whole and the
	// threshold grows to θ tau/(r dt) (snnTorch).
	Scaled bool
	// Impulse inputs count whole, whatever dt: a spike raises a leaky membrane
	// by r x, a synaptic current by w_in x. Otherwise they are currents over dt.
	Impulse bool
	Rule    network.Rule
	// ZeroReset resets to 0 where the file says another v_reset.
	ZeroReset bool
	Inclusive bool // a neuron fires at its threshold, not only above it
	Floor     bool // v stays above -θ (Sinabs)
	Late      bool // spikes leave one step later (Lava)
	// LateBias leaves the bias of recurrent connections out of the first step
	// (Norse).
	LateBias bool
}

// Profiles are the built-in profiles.
var Profiles = []Profile{
	{Name: "norse", DT: 1e-4, Method: "euler", Rule: network.ToReset, LateBias: true},
	{Name: "norse-subtract", DT: 1e-4, Method: "euler", Rule: network.Subtract, LateBias: true},
	{Name: "snntorch", DT: 1e-4, Method: "euler", Scaled: true, Rule: network.ToReset},
	{Name: "snntorch-subtract", DT: 1e-4, Method: "euler", Scaled: true, Rule: network.SubtractTwice},
	{Name: "sinabs", DT: 1e-4, Method: "decay-add", Rule: network.SubtractMany, Floor: true},
	{Name: "rockpool", DT: 1e-4, Method: "decay-add", Rule: network.Subtract},
	{Name: "nengo", DT: 1e-4, Method: "exact", Rule: network.ToReset},
	{Name: "spyx", DT: 1e-4, Method: "euler", Rule: network.SubtractDelayed},
	{Name: "lava", DT: 1e-4, Method: "euler", Rule: network.ToReset, Late: true},
	{Name: "loihi", DT: 1e-4, Method: integerMethod, Rule: network.ToReset, Late: true},
	{Name: "ganglion", DT: 1e-4, Method: eventMethod, Rule: network.Subtract},
}

// ProfileByName finds a built-in profile.
func ProfileByName(name string) (Profile, error) {
	i := slices.IndexFunc(Profiles, func(p Profile) bool { return p.Name == name })
	if i < 0 {
		var names []string
		for _, p := range Profiles {
			names = append(names, p.Name)
		}
		return Profile{}, fmt.Errorf("no profile %q; there are %v", name, names)
	}
	return Profiles[i], nil
}

// check says what does not go together.
func (p Profile) check() error {
	switch {
	case !(p.DT > 0) || math.IsInf(p.DT, 0):
		return fmt.Errorf("profile %q: dt of %v s", p.Name, p.DT)
	case p.Inclusive && (p.Method == eventMethod || p.Method == integerMethod):
		return fmt.Errorf("profile %q: thresholds that are inclusive need the membranes of a method in steps, not %q", p.Name, p.Method)
	}
	return nil
}

// input is the gain of an input, of which gain is that of a current.
func (p Profile) input(gain float64) float64 {
	if p.Impulse {
		return 1
	}
	return gain
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
