// Package sample is broken by the test of mutate.
package sample

// Sum is noticed.
func Sum(a, b int) int {
	return a + b
}

// Largest has a boundary that makes no difference, and a statement to drop.
func Largest(a int, b ...int) (n int) {
	if n = len(b); a > n {
		n = a
	}
	return n
}

// Join has an operator with nothing to stand for it.
func Join(a, b string) string { return a + b }
