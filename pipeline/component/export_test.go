package component

// Nearest is for tests from outside.
var Nearest = nearest
