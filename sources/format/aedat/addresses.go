package aedat

import (
	"fmt"

	"ganglion/pipeline"
	"ganglion/sources/format"
)

// Addresses are the pixel addresses of a jAER chip, as in AEDAT 2.
type Addresses struct{ chip aedatChip }

// AddressesOf are those of a chip by its name, such as DAVIS240C.
func AddressesOf(name string) (Addresses, error) {
	chip, ok := aedatChipNamed(name)
	if !ok {
		return Addresses{}, fmt.Errorf("chip %.40q is not known; known are %s", name, aedatChipNames())
	}
	return Addresses{chip}, nil
}

// AddressesFor are those of the chip that a recording's header names, or of the
// smallest with its pixels.
func AddressesFor(info format.Info) (Addresses, error) {
	chip, err := aedatChipFor(info)
	return Addresses{chip}, err
}

// Event takes an address apart; ok is false for one that is not a pixel's.
func (a *Addresses) Event(address uint32, t int64) (e pipeline.Event, ok bool) {
	return a.chip.event(address, t), address&a.chip.special == 0
}

// Address puts one together; ok is false for a pixel that the chip has none of.
func (a *Addresses) Address(e *pipeline.Event) (address uint32, ok bool) { return a.chip.address(e) }
