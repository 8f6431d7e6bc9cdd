package config

// Errors is the type of what [Parse] finds wrong.
type Errors = lineErrors
