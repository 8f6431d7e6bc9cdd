package nirnet

import (
	"errors"
	"fmt"
	"time"

	"ganglion/network"
	"ganglion/network/nir"
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Config configures a network read from a NIR file.
type Config struct {
	Path    string          `key:"path" file:"read" doc:"The NIR file, or one that comes with the program, such as builtin:computer; required, unless there are models." example:"model.nir"`
	Models  []string        `key:"models" file:"read" doc:"NIR files in its place, which hear the same input side by side, such as several words; each layer is then named by its file and node."`
	Profile string          `key:"profile" doc:"Whose numerics: a simulator, of which the layer and version follow from the file, or one of them; auto is what the file suggests, custom takes the section of that name." enum:"auto,norse,norse-subtract,snntorch,snntorch-subtract,sinabs,rockpool,norse-1.1:from_nir,norse-1.1:lifcell,norse-1.1:subtract,snntorch-0.9:zero,snntorch-0.9:rleaky-zero,snntorch-0.9:subtract,snntorch-0.9:subtract-no-delay,sinabs-3.0:lif,sinabs-3.0:from_nir,sinabs-1.2:from_nir,rockpool-2.9:torch,rockpool-2.7:from_nir,nengo,spyx,spyx-0.1:to_nir,lava,loihi,ganglion,custom"`
	Step    time.Duration   `key:"step" doc:"Sensor time of one network step; 0s takes the file's own, or 1 ms." min:"0s" max:"1s"`
	DT      time.Duration   `key:"dt" doc:"Time step of the equations; 0s takes the profile's." min:"0s" max:"1h"`
	Shards  component.Count `key:"shards" doc:"Goroutines that share the neurons; auto measures at start."`
	Strict  bool            `key:"strict" doc:"Refuse a file whose shapes do not fit together."`
	Custom  Custom          `key:"custom" doc:"A profile of your own."`

	Extend      []Extend      `key:"extend" doc:"What NIR does not have, by node; it takes the place of the node's metadata."`
	Plasticity  []Plasticity  `key:"plasticity" doc:"Synapses that learn while the network runs (STDP)."`
	Homeostasis []Homeostasis `key:"homeostasis" doc:"Neurons whose threshold rises with their spikes."`
	Competition []Competition `key:"competition" doc:"Neurons of which only the best fires."`
	Learning    Learning      `key:"learning" doc:"What becomes of what is learned."`
}

// Custom is a profile written in a config.
type Custom struct {
	Method    string `key:"method" doc:"How a leak is taken over a step." enum:"euler,exact,decay-add,integer,event"`
	Input     string `key:"input" doc:"What a spike is to a leaky membrane or a synapse: a current over dt, or an impulse, whatever dt." enum:"current,impulse"`
	Reset     string `key:"reset" doc:"What a spike does to the membrane; value takes v_reset of the file." enum:"value,zero,subtract,subtract-many,subtract-delayed,subtract-next,subtract-twice"`
	Inclusive bool   `key:"inclusive" doc:"A neuron fires at its threshold, not only above it."`
	Scaled    bool   `key:"scaled" doc:"Membranes in units of the input, as in snnTorch."`
	Floor     bool   `key:"floor" doc:"Keep the membrane above minus the threshold."`
	Late      bool   `key:"late" doc:"Spikes leave one step after they are made."`
	LateBias  bool   `key:"late_bias" doc:"Recurrent biases do not count in the first step."`
}

// NewDefaultConfig is the default configuration.
func NewDefaultConfig() Config {
	return Config{
		Profile: "norse", Step: time.Millisecond, Strict: true,
		Custom: Custom{Method: "euler", Input: "current", Reset: "value"},
	}
}

// Component declares networks from NIR files.
func Component() component.Spec {
	return component.Network("nir", "a trained network from a NIR file, with the numerics of its simulator",
		NewDefaultConfig(), func(c Config, in pipeline.Shape) (pipeline.Network, error) { return newNetwork(c, in) })
}

var rules = map[string]network.Rule{
	"value": network.ToReset, "zero": network.ToReset, "subtract": network.Subtract, "subtract-many": network.SubtractMany,
	"subtract-delayed": network.SubtractDelayed, "subtract-next": network.SubtractNext, "subtract-twice": network.SubtractTwice,
}

// profile is the profile that the config names or writes, for a model.
func (c Config) profile(m *nir.Model) (p Profile, why string, err error) {
	if u := c.Custom; c.Profile == "custom" {
		p = Profile{
			Name: "custom", DT: 1e-4, Method: u.Method, Rule: rules[u.Reset], ZeroReset: u.Reset == "zero",
			Inclusive: u.Inclusive, Scaled: u.Scaled, Floor: u.Floor, LeakyFloor: u.Floor, Late: u.Late, LateBias: u.LateBias,
		}
		if u.Input == "impulse" {
			p.Membrane, p.Read, p.Synapse = inputWhole, inputWhole, inputWhole
		}
	} else if p, why, err = choose(c.Profile, m); err != nil {
		return p, why, err
	}
	if c.DT > 0 {
		p.DT = c.DT.Seconds()
	}
	return p, why, nil
}

// Load reads the file and translates it.
func (c Config) Load() (*Lowered, error) {
	if len(c.Models) > 0 {
		return c.sideBySide()
	}
	m, err := nir.ReadFile(c.Path, nir.Options{SkipTypeCheck: !c.Strict})
	if err != nil {
		return nil, err
	}
	p, why, err := c.profile(m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Path, err)
	}
	if c.Step == 0 {
		c.Step = stepOf(m)
	}
	g, err := extend(m.Graph, c.Extend)
	if err != nil {
		return nil, err
	}
	l, err := Lower(g, p, c.Step)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Path, err)
	}
	if why != "" {
		l.Notes = append(l.Notes, fmt.Sprintf("profile %s: %s", p.Name, why))
	}
	l.Notes = append(l.Notes, p.warnings(l.graph)...)
	return l, errors.Join(l.learn(c), c.Learning.validate(c.Step))
}

// stepOf is the step that a model states, or the default.
func stepOf(m *nir.Model) time.Duration {
	if step := m.Graph.Metadata.Seconds("step_s"); step > 0 {
		return step
	}
	return NewDefaultConfig().Step
}

// name is the file that an error is about.
func (c Config) name() string {
	if len(c.Models) > 0 {
		return c.Models[0]
	}
	return c.Path
}

// newNetwork builds the network for an input of the given shape, which must have as
// many neurons as the graph's Input.
func newNetwork(c Config, in pipeline.Shape) (pipeline.Network, error) {
	l, err := c.Load()
	if err != nil {
		return nil, err
	}
	if l.Spec.Input.Size() != in.Size() {
		return nil, fmt.Errorf("%s takes an input of %v, the encoder gives %v", c.name(), l.Spec.Input, in)
	}
	var e *network.Engine
	if c.Shards == component.Auto {
		e, err = network.NewAuto(l.Spec, 0)
	} else {
		e, err = network.New(l.Spec, int(c.Shards))
	}
	if err != nil || len(c.Plasticity)+len(c.Homeostasis) == 0 {
		return e, err
	}
	return &learner{Engine: e, lowered: l, cfg: c.Learning}, nil
}
