package portable

import (
	"encoding/binary"
	"hash/crc64"
	"math"
	"math/rand/v2"
	"testing"
)

// ulps is the distance of two numbers in units of the last place of want.
func ulps(got, want float64) float64 {
	if got == want || got != got && want != want {
		return 0
	}
	return math.Abs(got-want) / math.Abs(math.Nextafter(want, math.Inf(1))-want)
}

func TestFunctionsAreThoseOfMath(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]struct {
		got, want func(float64) float64
		draw      func() float64
		bound     float64
	}{
		"exp":         {Exp, math.Exp, func() float64 { return 1400*r.Float64() - 700 }, 2},
		"small exp":   {Exp, math.Exp, func() float64 { return r.NormFloat64() * 1e-3 }, 2},
		"log":         {Log, math.Log, func() float64 { return math.Exp(1400*r.Float64() - 700) }, 2},
		"log about 1": {Log, math.Log, func() float64 { return 1 + .1*r.NormFloat64() }, 2},
		"log10":       {Log10, math.Log10, func() float64 { return math.Exp(100*r.Float64() - 50) }, 4},
		"expm1":       {Expm1, math.Expm1, func() float64 { return 80*r.Float64() - 40 }, 4},
		"small expm1": {Expm1, math.Expm1, func() float64 { return r.NormFloat64() * 1e-9 }, 4},
		"log1p":       {Log1p, math.Log1p, func() float64 { return math.Exp(80*r.Float64()-40) - .999 }, 4},
		"small log1p": {Log1p, math.Log1p, func() float64 { return r.NormFloat64() * 1e-9 }, 4},
		"sin":         {Sin, math.Sin, func() float64 { return 2 * math.Pi * (2*r.Float64() - 1) }, 1},
		"small sin":   {Sin, math.Sin, func() float64 { return r.NormFloat64() * 1e-9 }, 1},
		"decibels": {func(x float64) float64 { return Pow(10, x) }, func(x float64) float64 { return math.Pow(10, x) },
			func() float64 { return 40*r.Float64() - 20 }, 6},
		"root": {func(x float64) float64 { return Pow(x, .3) }, func(x float64) float64 { return math.Pow(x, .3) },
			func() float64 { return math.Exp(200*r.Float64() - 100) }, 4},
		"fourth": {func(x float64) float64 { return Pow(x, 4) }, func(x float64) float64 { return math.Pow(x, 4) },
			func() float64 { return math.Exp(200*r.Float64() - 100) }, 4},
		"negative power": {func(x float64) float64 { return Pow(x, -2.7) }, func(x float64) float64 { return math.Pow(x, -2.7) },
			func() float64 { return math.Exp(20*r.Float64() - 10) }, 4},
		"length": {func(x float64) float64 { return Hypot(x, 3) }, func(x float64) float64 { return math.Hypot(x, 3) },
			func() float64 { return 100 * r.NormFloat64() }, 2},
		"angle": {func(a float64) float64 { return Atan2(math.Sin(a), math.Cos(a)) },
			func(a float64) float64 { return math.Atan2(math.Sin(a), math.Cos(a)) },
			func() float64 { return math.Pi * (2*r.Float64() - 1) }, 4},
	} {
		r = rand.New(rand.NewPCG(1, 2)) // the same draws in whatever order
		worst, at := 0.0, 0.0
		for range 20_000 {
			x := c.draw()
			if d := ulps(c.got(x), c.want(x)); d > worst {
				worst, at = d, x
			}
		}
		if worst > c.bound {
			t.Errorf("%s: %v is off by %v units in the last place", name, at, worst)
		}
	}
	for range 20_000 {
		if a := 2 * math.Pi * (2*r.Float64() - 1); math.Abs(Cos(a)-math.Cos(a)) > 2e-15 {
			t.Fatalf("cosine of %v: %v, want %v", a, Cos(a), math.Cos(a))
		}
		if a := 1000 * r.NormFloat64(); math.Abs(Cos(a)-math.Cos(a)) > 1e-12 || math.Abs(Sin(a)-math.Sin(a)) > 1e-12 {
			t.Fatalf("cosine and sine of %v: %v and %v, want %v and %v", a, Cos(a), Sin(a), math.Cos(a), math.Sin(a))
		}
	}
}

func TestSpecialValues(t *testing.T) {
	t.Parallel()
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"exp 0", Exp(0), 1}, {"exp inf", Exp(inf), inf}, {"exp -inf", Exp(-inf), 0}, {"exp nan", Exp(nan), nan},
		{"exp 710", Exp(710), inf}, {"exp -746", Exp(-746), 0}, {"exp -745", Exp(-745), math.Exp(-745)},
		{"log 1", Log(1), 0}, {"log 0", Log(0), -inf}, {"log -1", Log(-1), nan}, {"log inf", Log(inf), inf},
		{"log smallest", Log(math.SmallestNonzeroFloat64), -744.4400719213812},
		{"angle 0", Atan2(0, 0), 0}, {"angle up", Atan2(1, 0), math.Pi / 2}, {"angle left", Atan2(0, -1), math.Pi},
		{"angle down", Atan2(-2, 0), -math.Pi / 2}, {"angle right", Atan2(0, 3), 0}, {"cos 0", Cos(0), 1},
		{"expm1 0", Expm1(0), 0}, {"expm1 -inf", Expm1(-inf), -1}, {"expm1 inf", Expm1(inf), inf}, {"expm1 -800", Expm1(-800), -1},
		{"expm1 nan", Expm1(nan), nan},
		{"log1p 0", Log1p(0), 0}, {"log1p -1", Log1p(-1), -inf}, {"log1p -2", Log1p(-2), nan}, {"log1p inf", Log1p(inf), inf},
		{"sin 0", Sin(0), 0}, {"sin nan", Sin(nan), nan}, {"sin inf", Sin(inf), nan}, {"sin up", Sin(math.Pi / 2), 1},
		{"sin down", Sin(-math.Pi / 2), -1},
		{"sin of half a turn", Sin(math.Pi), math.Sin(math.Pi)},
		{"0^0", Pow(0, 0), 1}, {"0^2", Pow(0, 2), 0}, {"0^-1", Pow(0, -1), inf}, {"1^nan", Pow(1, nan), 1}, {"-1^2", Pow(-1, 2), nan},
		{"nan^2", Pow(nan, 2), nan},
		{"2^-1074", Pow(2, -1074), math.SmallestNonzeroFloat64}, {"2^1024", Pow(2, 1024), inf}, {"10^-400", Pow(10, -400), 0},
		{"1.0000001^2e6", Pow(1.0000001, 2e6), math.Exp(2e6 * math.Log(1.0000001))},
		{"4^1.5", Pow(4, 1.5), 8}, {"length of 3, 4", Hypot(3, 4), 5}, {"length of nothing", Hypot(0, 0), 0},
	} {
		if ulps(c.got, c.want) > 1 {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

// TestBitsAreTheSameEverywhere compares the bits of many results with those of
// the processor on which the sum was taken (amd64).
func TestBitsAreTheSameEverywhere(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	var b []byte
	for range 100_000 {
		u, v := r.Float64(), r.Float64()
		for _, x := range []float64{Exp(1400 * (u - .5)), Exp(u - v), Log(u), Log(1 + v), Atan2(u-.5, v-.5), Cos(6 * (u - v)),
			Sin(20 * (u - v)), Expm1(u - v), Log1p(u - v), Pow(u, 4*v-2), Hypot(u, v)} {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
		}
	}
	const want = 0x47821e1d83e9c6d6
	if got := crc64.Checksum(b, crc64.MakeTable(crc64.ECMA)); got != want {
		t.Errorf("checksum %#x, want %#x", got, uint64(want))
	}
}
