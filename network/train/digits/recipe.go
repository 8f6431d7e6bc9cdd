package digits

import (
	"time"

	"ganglion/encoders/cochlea"
	"ganglion/network/train/bptt"
	"ganglion/network/train/words"
)

// Rate is the sample rate that digits are heard at, Hz.
const Rate = 8000

// Recipe is how spoken digits are trained: all that --set can change.
type Recipe struct {
	Encoder   cochlea.Config `key:"encoder"`
	Training  bptt.Config    `key:"training"`
	Vary      Ranges         `key:"vary"`
	Window    time.Duration  `key:"window" doc:"What the network hears of a word and the noise around it." min:"100ms" max:"10s"`
	Pool      bptt.Pool      `key:"pool" doc:"How the logits of all steps become one decision." enum:"mean-probability,mean-logit,max-logit"`
	Smoothing float64        `key:"smoothing" doc:"Label smoothing." min:"0" max:"0.5"`
}

// NewDefaultRecipe is how the digits that ship were trained.
func NewDefaultRecipe() Recipe {
	r := Recipe{Encoder: cochlea.NewDefaultConfig(), Training: bptt.NewDefaultConfig(), Window: time.Second, Smoothing: .05,
		Pool: bptt.MeanLogit}
	r.Vary = Ranges{
		Gain: words.Range{Least: -20, Most: 20}, Stretch: words.Range{Least: .8, Most: 1.25},
		Shift: words.Range{Least: .9, Most: 1.12}, SNR: words.Range{Least: 5, Most: 45},
	}
	r.Training.Epochs, r.Training.Rate, r.Training.Delay = 40, .03, 200*time.Millisecond
	return r
}
