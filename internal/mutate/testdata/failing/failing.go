// Package failing has a test that fails whatever is taken out of it.
package failing

// Holds is a safeguard.
var Holds = true
