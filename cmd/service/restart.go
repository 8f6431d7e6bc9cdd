package service

import (
	"math/rand/v2"
	"time"
)

// Values of restartConfig.Policy.
const (
	restartNever     = "never"
	restartOnFailure = "on-failure"
	restartAlways    = "always"
)

// restartConfig is the top-level key "restart": a policy alone, or a section.
type restartConfig struct {
	Policy string        `key:"policy" doc:"Whether a pipeline that has ended begins again: never, after a failure, or always, until the process is stopped." enum:"never,on-failure,always"`
	Pause  time.Duration `key:"pause" doc:"Time before the first restart; it doubles with each one up to longest, and begins again after a run that lasted longer than that." min:"1ms"`
	Most   time.Duration `key:"longest" doc:"Longest time before a restart." min:"1ms"`
}

func newDefaultRestartConfig() restartConfig {
	return restartConfig{Policy: restartNever, Pause: time.Second, Most: time.Minute}
}

// wants reports whether a run that ended with err is to be followed by another.
func (c *restartConfig) wants(err error) bool {
	return c.Policy == restartAlways || c.Policy == restartOnFailure && err != nil
}

// backoff counts the restarts of one pipeline.
type backoff struct{ pause time.Duration }

// next is the pause after a run that lasted so long, less up to a quarter so
// that many pipelines spread.
func (b *backoff) next(c *restartConfig, lasted time.Duration) time.Duration {
	if b.pause == 0 || lasted > c.Most {
		b.pause = c.Pause
	} else {
		b.pause = min(2*b.pause, c.Most)
	}
	return b.pause - rand.N(b.pause/4+1)
}
