package main

import (
	"ganglion/encoders/events"
	"ganglion/network/motion"
	"ganglion/network/nirnet"
	"ganglion/pipeline/component"
	"ganglion/sinks/arrow"
	"ganglion/sinks/jsonl"
	"ganglion/sinks/nats"
	"ganglion/sources/recording"
	"ganglion/sources/simulator"
)

// components is every component of the program, in the order of `list`. A new
// one is a line here.
var components = component.Table{
	recording.Component,
	simulator.Component,

	events.Component,

	motion.Component,
	nirnet.Component,

	motion.ReadoutComponent,

	nats.Component,
	arrow.Component,
	jsonl.Component,
}
