// Package cmd holds the commands of ganglion, which turns recordings and live
// streams of event cameras and sound into spikes, runs them through a spiking
// neural network, and publishes what the network detects.
//
//	ganglion run configs/motion.yaml
//	ganglion inspect recording.raw --json --digest
//	ganglion simulate crossing -o crossing.raw --truth crossing.jsonl
//	ganglion list
//
// [Main] is the program over a table of components. The standard table is
// package cmd/standard; a program with components of its own appends them
// (docs/embedding.md).
//
// Results go to standard output, progress and logs to standard error. The exit
// code is 0 for done, 1 for failed at run time, 2 for wrong use or a wrong
// configuration, and 3 for done with something dropped; the count is printed.
//
// This package holds flags and wiring, nothing else: what a command does is done
// by the packages that it calls.
package cmd
