package nirnet

import (
	"errors"
	"fmt"
	"slices"

	"ganglion/network"
	"ganglion/network/nir"
)

// Validate reports what the field tags cannot say.
func (c *Config) Validate() error {
	switch {
	case c.Path == "" && len(c.Models) == 0:
		return errors.New("path: required")
	case c.Path != "" && len(c.Models) > 0:
		return errors.New("models: there is a path as well")
	case len(c.Models) > 0 && len(c.Extend)+len(c.Plasticity)+len(c.Homeostasis)+len(c.Competition) > 0:
		return errors.New("models: extend, plasticity, homeostasis and competition belong to one model")
	}
	return nil
}

// sideBySide reads the models and makes one network of them: all hear the same
// input, and each layer is named by its model and its node, such as
// computer/hidden1.
func (c Config) sideBySide() (all *Lowered, err error) {
	for i, name := range nir.Names(c.Models) {
		one := c
		one.Path, one.Models = c.Models[i], nil
		l, err := one.Load()
		switch {
		case err != nil:
			return nil, err
		case all == nil:
			all = &Lowered{Step: l.Step, Profile: l.Profile, Spec: network.Spec{Input: l.Spec.Input, Step: l.Spec.Step}}
		case l.Spec.Input.Size() != all.Spec.Input.Size():
			return nil, fmt.Errorf("%s takes an input of %v, and %s one of %v", c.Models[i], l.Spec.Input, c.Models[0], all.Spec.Input)
		case l.Spec.Step != all.Spec.Step:
			return nil, fmt.Errorf("%s goes in steps of %v, and %s of %v", c.Models[i], l.Spec.Step, c.Models[0], all.Spec.Step)
		}
		all.Notes = append(all.Notes, l.Notes...)
		for _, layer := range l.Spec.Layers {
			all.Spec.Layers = append(all.Spec.Layers, renamed(layer, name+"/"))
		}
		for _, spiking := range l.Spiking {
			all.Spiking = append(all.Spiking, name+"/"+spiking)
		}
	}
	return all, nil
}

// renamed is a layer whose name and sources have a prefix.
func renamed(l network.LayerSpec, prefix string) network.LayerSpec {
	l.Name, l.Inputs = prefix+l.Name, slices.Clone(l.Inputs)
	for i := range l.Inputs {
		if from := &l.Inputs[i].From; *from != network.InputName {
			*from = prefix + *from
		}
	}
	return l
}
