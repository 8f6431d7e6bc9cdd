package code

import (
	"fmt"
	"strings"
)

// equations are the codes in the order of the type's enumeration: what each
// does with a value x in [0, 1] over a period T, and where it comes from.
var equations = []struct{ name, equation, source string }{
	{"level", "neuron k of L fires at the period's beginning while x > k/(L+1)",
		"thermometer code over thresholds; Guetig and Sompolinsky 2009 use the crossings"},
	{"gaussian", "g = exp(-(x-m)²/2s²) for m fields with centres (2i-3)/(2(m-2)) and s = 1/(1.5(m-2)); a spike at (1-g)T where g >= 0.1",
		"Bohte, Kok and La Poutré 2002"},
	{"rate", "dV/dt = x·rate; a spike and V-1 where V reaches 1", "Lapicque 1907; Gerstner and Kistler 2002, section 4.1"},
	{"poisson", "a spike in each slot with the probability 1-exp(-x·rate·slot)", "Heeger 2000; Dayan and Abbott 2001, section 1.4"},
	{"latency", "one spike at (1-x)T where x > floor", "Thorpe and Gautrais 1998"},
	{"log_latency", "one spike at tau·ln(x/(x-floor)) where x > floor: a leaky neuron of threshold floor charges",
		"Gerstner and Kistler 2002, eq. 4.9"},
	{"ttfs", "one spike at -tau·ln(x): x meets a threshold that decays as exp(-t/tau)", "Park et al. 2020, eq. 4"},
	{"phase", "spikes at kT/K for the binary digits of x that are 1, digit k worth 2^-(k+1)", "Kim et al. 2018, eq. 3"},
	{"burst", "ceil(N·x) spikes, max_interval-(max_interval-min_interval)x apart", "Guo et al. 2021, eqs. 5 and 6"},
	{"delta", "an ON or OFF spike for each step that x is away from the value sent last", "send on delta, Miskowicz 2006"},
}

// Types are the names of the codes.
func Types() (list []string) {
	for _, e := range equations {
		list = append(list, e.name)
	}
	return list
}

// About states each code's equation and source, for the description of
// components that use codes.
func About() string { return about() }

func about() string {
	var b strings.Builder
	b.WriteString("Codes, with the value x in [0, 1] and the period T:\n")
	for _, e := range equations {
		fmt.Fprintf(&b, "- %s: %s (%s).\n", e.name, e.equation, e.source)
	}
	return b.String()
}
