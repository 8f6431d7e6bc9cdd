// Package code turns streams of analogue values into spikes: the neural codes.
//
// # The life of a value
//
// A front end delivers a frame of n values in [0, 1] every period; values
// outside are clamped, NaN counts as 0. A [Code] turns the frame of time t into
// spikes in [t, t+period). A [Pending] train keeps what lies behind the end of
// the batch for the next one, so how the stream is cut does not show.
//
// # The codes
//
// With x the value, T the period, dt a spike's time after t:
//
//	level        population of thresholds θk = k/(L+1), k = 1..L: neuron k fires at dt = 0 while x > θk
//	             (thermometer code of unary place; Guetig and Sompolinsky 2009 use its crossings)
//	gaussian     population of m receptive fields, centre μi = (2i-3)/(2(m-2)), width σ = 1/(1.5(m-2)),
//	             g = exp(-(x-μi)²/2σ²), dt = (1-g)T where g >= 0.1 (Bohte, Kok and La Poutré 2002)
//	rate         integrate and fire: V' = x·rate, a spike and V-1 at V = 1 (Lapicque; Gerstner and Kistler 2002, 4.1)
//	poisson      Bernoulli slots with p = 1-exp(-x·rate·slot) (Heeger 2000; Dayan and Abbott 2001, 1.4)
//	latency      dt = (1-x)T for x > floor (Thorpe and Gautrais 1998)
//	log_latency  dt = tau·ln(x/(x-floor)) for x > floor: the charging time of a leaky neuron
//	             of threshold floor (Gerstner and Kistler 2002, eq. 4.9)
//	ttfs         dt = -tau·ln(x): first crossing of a threshold that decays as exp(-dt/tau) (Park et al. 2020, eq. 4)
//	phase        the binary digits of x, the k-th at dt = kT/K worth 2^-(k+1) (Kim et al. 2018, eq. 3)
//	burst        ceil(Nmax·x) spikes, Tmax-(Tmax-Tmin)x apart (Guo et al. 2021, eqs. 5 and 6)
//	delta        send on delta: an ON or OFF spike for each step that x is away from the
//	             last value sent (Miskowicz 2006)
//
// A neuron's id is channel*n + value; channels are the thresholds, the fields,
// or ON and OFF.
//
// # What is lost
//
// [NewDecoder] gives back the values of a frame. The tests bound the error of
// each code by its resolution. Times are whole microseconds, which bounds the
// temporal codes; rate and poisson are right on average only.
//
// # Caveats
//
// A code that spreads spikes over the frame delivers a frame's last spikes one
// period late; the last frame of a stream is cut at the end of its last batch.
// Delta coding of logarithmic spectra is the subject of US 12586571 B2; level
// is the default of what builds on this package.
package code
