package runner

import (
	"errors"
	"fmt"

	"ganglion/internal/redact"
	"ganglion/pipeline"
)

// Problem is a part of a running pipeline that does not do what it should.
type Problem struct {
	Part  string `json:"part"` // "sink nats", "source", "checkpoint"
	Error string `json:"error"`
}

// Problems lists what is wrong at this moment: nothing where every sink, the
// source and the checkpoints work. Any goroutine may call it at any time.
func (r *Runner) Problems() (list []Problem) {
	add := func(part string, err error) {
		if err != nil {
			list = append(list, Problem{part, redact.Text(err.Error())})
		}
	}
	r.mu.Lock()
	opened, over, failure, saving := r.opened, r.over, r.failure, r.saveError
	r.mu.Unlock()
	switch {
	case over && failure != nil:
		add("pipeline", failure)
		return list
	case over:
		add("pipeline", errors.New("has come to its end"))
		return list
	case !opened:
		add("pipeline", errors.New("is not open yet"))
		return list
	}
	add("source", health(r.p.Source))
	for _, o := range r.outlets {
		err := health(o.Sink.Sink)
		if err == nil {
			err = o.failing()
		}
		add("sink "+o.Name, err)
	}
	if r.keep != nil {
		add("keep", r.keep.failing())
	}
	if saving != nil {
		add("checkpoint", fmt.Errorf("the last snapshot failed: %w", saving))
	}
	return list
}

func health(part any) error {
	if h, ok := part.(pipeline.Healthy); ok {
		return h.Health()
	}
	return nil
}
