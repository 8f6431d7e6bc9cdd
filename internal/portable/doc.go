// Package portable holds elementary functions that give the same bits on every
// processor.
//
// The functions of package math do not: on some processors they are written in
// assembly, and on those that can multiply and add in one rounding (arm64,
// ppc64, s390x, riscv64) the compiler does so wherever a product is added. A
// result that depends on one of them can differ in its last bit, and a neuron
// at its threshold then fires on one machine and not on the other. The
// functions here are sums and products alone, every product rounded by a
// conversion before it is added:
//
//	float64(a*b) + c
//
// math.Sqrt, Floor, Abs and the like are exact and need no replacement.
//
// # Accuracy
//
// Errors stay below 1 unit in the last place for Exp, Log and Sin, below 2 for
// Atan2 and Hypot, below 4 for Expm1 and Log1p, and below 6 for Pow. The
// algorithms of Exp and Log are those of FreeBSD's msun (Sun Microsystems, 1993),
// which package math uses where it has no assembly; that of Sin is the one of
// Cephes.
//
// The tests of internal/lint refuse calls to package math for which there is a
// function here, outside a list of places that reach no result.
package portable
