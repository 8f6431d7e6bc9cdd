package nirnet

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"ganglion/internal/portable"
	"ganglion/network/nir"
)

// Auto is the profile that the file itself suggests.
const Auto = "auto"

// family is a simulator, whose profiles differ by layer and version.
type family struct {
	name  string
	plain string // the profile where nothing tells more
	// by picks a profile by what the file tells, with the reason; "" for plain.
	by func(e evidence) (name, why string)
}

var families = []family{
	{"norse", "norse-1.1:from_nir", func(e evidence) (string, string) {
		if e.lifCell() {
			return "norse-1.1:lifcell", "CubaLIF nodes with w_in and r of 1 and the time constants that Norse's LIFCell begins with, 5 and 10 ms"
		}
		return "", ""
	}},
	{"norse-subtract", "norse-1.1:subtract", nil},
	{"snntorch", "snntorch-0.9:zero", nil},
	{"snntorch-subtract", "snntorch-0.9:subtract", func(e evidence) (string, string) {
		if e.old {
			return "snntorch-0.9:subtract-no-delay", "files of nir " + e.version +
				" come from networks whose resets had no delay (reset_delay=False)"
		}
		return "", ""
	}},
	{"sinabs", "sinabs-3.0:lif", func(e evidence) (string, string) {
		if e.leaky+e.synaptic > 0 && !e.steps {
			return "sinabs-1.2:from_nir", "time constants in seconds; those of Sinabs itself count steps"
		}
		return "", ""
	}},
	{"spyx", "spyx", func(e evidence) (string, string) {
		if e.beta > 0 {
			return "spyx-0.1:to_nir", fmt.Sprintf("r is 1 - dt/tau for a dt of %v s, as Spyx's to_nir writes", e.beta)
		}
		return "", ""
	}},
	{"rockpool", "rockpool-2.9:torch", func(e evidence) (string, string) {
		if e.decayed == 0 {
			return "rockpool-2.7:from_nir", "r is not the tau exp(-dt/tau)/dt that Rockpool itself writes"
		}
		return "", ""
	}},
}

// evidence is what a file tells of the simulator that wrote it.
type evidence struct {
	version                    string
	old                        bool    // nir before 1.0
	integrate, leaky, synaptic int     // nodes of type IF, LIF, CubaLIF
	noReset, noWIn             bool    // no neuron has a v_reset, no synapse a w_in
	unit                       bool    // all r and w_in are 1
	steps                      bool    // all time constants are 1 at least: they count steps
	read                       int     // nodes of type LI
	ratio, decayed, beta       float64 // dt, s, that r = tau/dt, r = tau exp(-dt/tau)/dt, or r = 1 - dt/tau tells; 0 for none
	longest, shortest          float64 // time constants, s
	synapses, membranes        []float64
	names                      string // simulators that the metadata names
	stated                     stated
}

// stated is what the metadata of a network says that was trained here.
type stated struct {
	profile string  // key profile, by its full name
	step    float64 // key step_s, s, which is also its dt
}

func statedIn(md nir.Metadata) stated {
	p, err := ProfileByName(md.Text("profile"))
	if err != nil {
		return stated{}
	}
	return stated{p.Name, md.Number("step_s")}
}

// evidenceOf looks through a model.
func evidenceOf(m *nir.Model) (e evidence, err error) {
	g, err := m.Graph.Flat()
	if err != nil {
		return e, err
	}
	e = evidence{version: m.Version, old: strings.HasPrefix(m.Version, "0."), noReset: true, noWIn: true, unit: true, steps: true,
		shortest: math.Inf(1)}
	e.names, e.stated = named(g.Metadata), statedIn(g.Metadata)
	var ratio, decayed, beta dts
	for _, n := range g.Nodes {
		absent := m.Absent[n.Name]
		e.names = cmp.Or(e.names, named(n.Metadata))
		switch op := n.Op.(type) {
		case *nir.IF:
			e.integrate++
			e.noReset = e.noReset && slices.Contains(absent, "v_reset")
			e.unit = e.unit && ones(op.R)
		case *nir.LI:
			e.read++
			e.taus(op.Tau, &e.membranes)
			if !ones(op.R) {
				decayed.add(op.R, op.Tau, decayedR)
			}
		case *nir.LIF:
			e.leaky++
			e.noReset = e.noReset && slices.Contains(absent, "v_reset")
			e.unit = e.unit && ones(op.R)
			e.taus(op.Tau, &e.membranes)
			ratio.add(op.R, op.Tau, ratioR)
			decayed.add(op.R, op.Tau, decayedR)
			beta.add(op.R, op.Tau, betaR)
		case *nir.CubaLIF:
			e.synaptic++
			e.noReset = e.noReset && slices.Contains(absent, "v_reset")
			e.noWIn = e.noWIn && slices.Contains(absent, "w_in")
			e.unit = e.unit && ones(op.R) && ones(op.WIn)
			e.taus(op.TauMem, &e.membranes)
			e.taus(op.TauSyn, &e.synapses)
			ratio.add(op.R, op.TauMem, ratioR)
			decayed.add(op.R, op.TauMem, decayedR)
			beta.add(op.R, op.TauMem, betaR)
		}
	}
	e.steps = e.steps && e.longest > 0
	e.ratio, e.decayed, e.beta = ratio.one(), decayed.one(), beta.one()
	if e.ratio > 0 { // the two only differ where it is round
		e.decayed = 0
	}
	return e, nil
}

// taus notes time constants; into keeps the different ones, up to 4.
func (e *evidence) taus(t nir.Tensor, into *[]float64) {
	for i := range t.Len() {
		v := t.At(i)
		e.steps = e.steps && v >= 1
		if !math.IsInf(v, 0) {
			e.longest, e.shortest = max(e.longest, v), min(e.shortest, v)
		}
		if v = rounded(v, 5); len(*into) < 4 && !slices.Contains(*into, v) {
			*into = append(*into, v)
		}
	}
}

// lifCell reports whether Norse's own LIFCell may have written the file: its
// exporter writes w_in and r of 1, and few change its time constants.
func (e evidence) lifCell() bool {
	is := func(syn, mem float64) bool {
		return slices.Equal(e.synapses, []float64{syn}) && slices.Equal(e.membranes, []float64{mem})
	}
	return e.synaptic > 0 && e.unit && !e.noReset && !e.noWIn && (is(5e-3, 1e-2) || is(5e-6, 1e-5))
}

// shrunk reports whether time constants are those of Norse's exporter, which
// multiplies them by its dt of 1 ms: none is above .1 ms, which would be 100.
func (e evidence) shrunk() bool {
	return e.unit && e.longest > 0 && e.longest <= 1e-4 && e.shortest > 1e-6
}

func ones(t nir.Tensor) bool {
	for i := range t.Len() {
		if t.At(i) != 1 {
			return false
		}
	}
	return true
}

// dts collects the dt that each r tells, as long as they are the same.
type dts struct {
	dt   float64
	none bool
}

// The forms of an r that tell dt.
const (
	ratioR   = iota // r = tau/dt
	decayedR        // r = tau exp(-dt/tau)/dt
	betaR           // r = 1 - dt/tau
)

// add notes the dt that an r of some form tells beside its time constant.
func (d *dts) add(r, tau nir.Tensor, form int) {
	for i := range max(r.Len(), tau.Len()) {
		r, tau := at(r, i), at(tau, i)
		if form != betaR && math.IsInf(tau, 1) && math.IsInf(r, 1) {
			continue // no leak, whatever dt
		}
		u := 1 / r // dt/tau
		switch {
		case !(r > 0) || !(tau > 0) || math.IsInf(tau, 0) || (r > 1) == (form == betaR) || r == 1:
			d.none = true
			return
		case form == decayedR:
			for range 60 { // u = exp(-u)/r contracts
				u = portable.Exp(-u) / r
			}
		case form == betaR:
			u = 1 - r
		}
		dt := rounded(float64(tau*u), 4)
		if d.none = d.none || d.dt != 0 && d.dt != dt; d.none {
			return
		}
		d.dt = dt
	}
}

// one is the dt, if it is the same for all neurons and a round number.
func (d *dts) one() float64 {
	if d.none || rounded(d.dt, 2) != d.dt {
		return 0
	}
	return d.dt
}

// rounded has some significant digits.
func rounded(v float64, digits int) float64 {
	if v == 0 || math.IsInf(v, 0) || math.IsNaN(v) {
		return v
	}
	unit := portable.Pow(10, math.Floor(portable.Log10(math.Abs(v)))+1-float64(digits))
	return math.Round(v/unit) / math.Round(1/unit)
}

// named is the simulator that metadata names.
func named(m nir.Metadata) string {
	for _, e := range m {
		found := ""
		switch v := e.Value.(type) {
		case nir.Metadata:
			found = named(v)
		case nir.Text:
			for _, text := range v.Values {
				for _, s := range []string{"snntorch", "norse", "sinabs", "rockpool", "spyx", "nengo", "lava"} {
					if strings.Contains(strings.ToLower(text), s) {
						found = s
					}
				}
			}
		}
		if found != "" {
			return found
		}
	}
	return ""
}

// suggest is the profile that the evidence speaks for, and why.
func (e evidence) suggest() (name, why string) {
	all := e.integrate + e.leaky + e.synaptic
	switch {
	case e.stated.profile != "":
		return e.stated.profile, "the metadata names it"
	case e.names == "snntorch":
		return "snntorch-subtract", "the metadata names snntorch, whose layers subtract unless told otherwise, so try snntorch-0.9:zero too"
	case e.names != "":
		return e.names, "the metadata names " + e.names
	case all == 0 && e.decayed == 0:
		return "norse", "nothing fires, so the profiles hardly differ"
	case e.ratio == 1e-4:
		return "snntorch-subtract", "r is tau/dt for snnTorch's dt of 0.1 ms; snnTorch's layers subtract unless told otherwise, so try " +
			"snntorch-0.9:zero too, for RLeaky, Synaptic and RSynaptic snntorch-0.9:rleaky-zero"
	case e.decayed > 0:
		return "rockpool", fmt.Sprintf("r is tau exp(-dt/tau)/dt for a dt of %v s, as Rockpool writes", e.decayed)
	case e.ratio > 0:
		return "snntorch-subtract", fmt.Sprintf("r is tau/dt for a dt of %v s, as snnTorch and Spyx write; try spyx too", e.ratio)
	case e.beta > 0:
		return "spyx", ""
	case e.steps && e.unit:
		return "sinabs", "time constants count steps and r is 1, as Sinabs writes; with weights for norm_input=False it is sinabs-3.0:from_nir"
	case e.leaky+e.synaptic == 0 && e.noReset:
		return "sinabs", "IF neurons without v_reset, as Sinabs writes"
	case e.leaky+e.synaptic == 0:
		return "norse", "IF neurons with a v_reset, as Norse writes, and Sinabs with nir 1.0.6 and later: try sinabs too"
	case e.unit && !e.noReset:
		return "norse", "r of 1 and a v_reset, as Norse writes"
	}
	return "norse", "nothing in the file names a simulator; Euler steps of NIR's equations"
}

// choose finds the profile of a name for a model: a profile, a simulator, whose
// layer and version follow from what the file tells, or [Auto]. Its DT is that
// of the file where the file tells one. why gives the reason where there was a
// choice.
func choose(name string, m *nir.Model) (p Profile, why string, err error) {
	e, err := evidenceOf(m)
	if err != nil {
		return p, "", err
	}
	if name == Auto {
		name, why = e.suggest()
	}
	for _, f := range families {
		if f.name != name || f.by == nil {
			continue
		}
		if exact, reason := f.by(e); exact != "" {
			name, why = exact, strings.TrimPrefix(why+"; "+reason, "; ")
		}
		break
	}
	if p, err = ProfileByName(name); err != nil {
		return p, "", err
	}
	switch {
	case e.stated.profile == p.Name && e.stated.step > 0:
		p.DT = e.stated.step
	case e.beta > 0 && p.UnitR && p.Membrane == inputWhole && p.Read == inputWhole:
		p.DT = e.beta
	case e.steps:
		p.DT = 1
	case e.shrunk() && strings.HasPrefix(p.Name, "norse"):
		p.DT = 1e-6
		why = strings.TrimPrefix(why+"; time constants are multiplied by Norse's dt of 1 ms, as its exporter does", "; ")
	case p.UnitR && e.decayed > 0:
		p.DT = e.decayed
	case e.ratio > 0 && !p.UnitR:
		p.DT = e.ratio
	}
	return p, why, nil
}
