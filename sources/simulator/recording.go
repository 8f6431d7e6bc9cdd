package simulator

import (
	"errors"
	"io"

	"ganglion/pipeline"
)

// Recording is a whole simulated recording in memory.
type Recording struct {
	Config Config // with the duration filled in
	Events []pipeline.Event
	Causes []int32 // parallel to Events
	Truth  []pipeline.Truth
	Gyro   []pipeline.AngularRate // as of [Frame]
}

// Record simulates a whole recording: for tests and evaluation, where it is
// needed more than once. Use [Simulator.Next] to go through it in constant
// memory.
func Record(c Config) (*Recording, error) {
	s, err := New(c)
	if err != nil {
		return nil, err
	}
	r := &Recording{Config: s.config}
	var f Frame
	for {
		err := s.Next(&f)
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return nil, err
		}
		r.Events = append(r.Events, f.Events...)
		r.Causes = append(r.Causes, f.Causes...)
		r.Truth, r.Gyro = append(r.Truth, f.Truth...), append(r.Gyro, f.Gyro...)
	}
}
