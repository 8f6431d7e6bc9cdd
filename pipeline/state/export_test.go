package state

// ErrShort is for tests from outside.
var ErrShort = errShort
