// Package standard is the table of the components that ganglion comes with.
//
// A program that has components of its own adds them to the table:
//
//	os.Exit(cmd.Main(append(standard.Components(), mine...)...))
package standard

import (
	"ganglion/encoders/analog"
	"ganglion/encoders/cochlea"
	"ganglion/encoders/events"
	"ganglion/encoders/silicon"
	"ganglion/network/class"
	"ganglion/network/motion"
	"ganglion/network/motion/baseline"
	"ganglion/network/motion/flow"
	"ganglion/network/nir/nirnet"
	"ganglion/network/pass"
	"ganglion/network/sound/binaural"
	"ganglion/network/sound/keyword"
	"ganglion/network/sound/onset"
	"ganglion/network/sound/segment"
	"ganglion/pipeline/component"
	"ganglion/sinks/arrow"
	"ganglion/sinks/dashboard"
	"ganglion/sinks/jsonl"
	"ganglion/sinks/nats"
	"ganglion/sinks/parquet"
	"ganglion/sinks/webhook"
	"ganglion/sources/audio"
	"ganglion/sources/recording"
	"ganglion/sources/simulator"
	"ganglion/sources/soundscape"
	"ganglion/sources/tcp"
	"ganglion/sources/udp"
)

// Components is every component of ganglion, in the order of `list`. A new one
// is a line here.
func Components() component.Table {
	return component.Table{
		recording.Component(),
		simulator.Component(),
		udp.Component(),
		tcp.Component(),
		audio.Component(),
		soundscape.Component(),

		events.Component(),
		cochlea.Component(),
		silicon.Component(),
		analog.Component(),

		motion.Component(),
		pass.Component(),
		onset.Component(),
		binaural.Component(),
		nirnet.Component(),

		motion.ReadoutComponent(),
		baseline.Component(),
		segment.Component(),
		binaural.ReadoutComponent(),
		keyword.Component(),
		class.Component(),

		nats.Component(),
		arrow.Component(),
		parquet.Component(),
		jsonl.Component(),
		jsonl.CSV(),
		webhook.Component(),
		flow.Component(),
		dashboard.Component(),
	}
}
