package main

import (
	"ganglion/encoders/analog"
	"ganglion/encoders/cochlea"
	"ganglion/encoders/events"
	"ganglion/encoders/silicon"
	"ganglion/network/binaural"
	"ganglion/network/dbscan"
	"ganglion/network/keyword"
	"ganglion/network/motion"
	"ganglion/network/nirnet"
	"ganglion/network/onset"
	"ganglion/network/pass"
	"ganglion/network/segment"
	"ganglion/pipeline/component"
	"ganglion/sinks/arrow"
	"ganglion/sinks/jsonl"
	"ganglion/sinks/nats"
	"ganglion/sources/audio"
	"ganglion/sources/recording"
	"ganglion/sources/simulator"
	"ganglion/sources/soundscape"
	"ganglion/sources/udp"
)

// components is every component of the program, in the order of `list`. A new
// one is a line here.
var components = component.Table{
	recording.Component,
	simulator.Component,
	udp.Component,
	audio.Component,
	soundscape.Component,

	events.Component,
	cochlea.Component,
	silicon.Component,
	analog.Component,

	motion.Component,
	pass.Component,
	onset.Component,
	binaural.Component,
	nirnet.Component,

	motion.ReadoutComponent,
	dbscan.Component,
	segment.Component,
	binaural.ReadoutComponent,
	keyword.Component,

	nats.Component,
	arrow.Component,
	jsonl.Component,
}
