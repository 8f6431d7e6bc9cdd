package audio

import "log/slog"

// phase notices stereo whose channels are opposite, as a microphone plugged into
// a balanced input gives it: their mean is near silence.
type phase struct {
	frames    int
	both, sum float64 // energy of the channels, and of their sum
	said      bool
}

const (
	phaseFrames = 4096 // that are judged together
	// phaseShare is the share of the channels' energy below which their sum is
	// taken for silence: 1 for channels of nothing in common, 2 for equal ones.
	phaseShare = .02
	// phaseLevel is the mean energy below which nothing is judged, -60 dB.
	phaseLevel = 1e-6
)

// hear takes decoded stereo and reports what it is made of.
func (p *phase) hear(x []float32, in *input, log *slog.Logger) {
	for ; len(x) >= 2; x = x[2:] {
		l, r := float64(x[0]), float64(x[1])
		p.both += float64(l*l) + float64(r*r)
		p.sum += float64((l + r) * (l + r))
		if p.frames++; p.frames == phaseFrames {
			p.judge(in, log)
		}
	}
}

func (p *phase) judge(in *input, log *slog.Logger) {
	if p.both > 2*phaseLevel*phaseFrames && p.sum < phaseShare*p.both {
		in.damaged("opposite_phase", in.off, phaseFrames)
		if !p.said {
			log.Warn("left and right are opposite, so that their mean is near silence: hear one of them with source.channels=left")
		}
		p.said = true
	}
	p.frames, p.both, p.sum = 0, 0, 0
}
