package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"os"

	"ganglion/sources/format"
)

// sideFile is the text that --side asks for: what lies beside the events.
type sideFile struct {
	f *os.File
	w *bufio.Writer
}

// besideKinds are the kinds of side data that it holds.
var besideKinds = []string{format.Trigger.String(), format.IMUSample.String(), format.Special.String()}

func newSideFile(path string) (*sideFile, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	s := &sideFile{f, bufio.NewWriter(f)}
	_, err = s.w.WriteString("t,kind,code,value,ax,ay,az,gx,gy,gz,mx,my,mz,temperature\n")
	return s, err
}

// write appends a line for each: of a trigger its channel and edge, of special
// data its code and value, of an IMU sample its numbers.
func (s *sideFile) write(side []format.Side) error {
	for i := range side {
		d := &side[i]
		var err error
		switch d.Kind {
		case format.Trigger, format.Special:
			_, err = fmt.Fprintf(s.w, "%d,%s,%d,%d,,,,,,,,,,\n", d.T, d.Kind, d.Code, d.Value)
		case format.IMUSample:
			m := d.IMU
			_, err = fmt.Fprintf(s.w, "%d,imu,,,%g,%g,%g,%g,%g,%g,%g,%g,%g,%g\n", d.T,
				m.Accel[0], m.Accel[1], m.Accel[2], m.Gyro[0], m.Gyro[1], m.Gyro[2], m.Mag[0], m.Mag[1], m.Mag[2], m.Temperature)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Close finishes the file; nil has none.
func (s *sideFile) Close() error {
	if s == nil {
		return nil
	}
	return errors.Join(s.w.Flush(), s.f.Close())
}
