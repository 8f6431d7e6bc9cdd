package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"ganglion/pipeline"
	"ganglion/pipeline/state"
)

// version is the version of the form of a snapshot. States carry versions of
// their own.
const version = 2

const (
	magic    = "GNGLSNAP"
	headSize = len(magic) + 4 + 8
)

// Header is what a snapshot says about itself.
type Header struct {
	Identity Identity
	Run      string // that it is a part of
	Position int64  // end of the last processed window, sensor time, µs
	Batches  uint64 // processed since the start of the stream
	NextSeq  uint64 // Seq of the next detection
}

// Part is a component whose state goes into a snapshot.
type Part struct {
	Name      string
	Component pipeline.Stateful
}

// Snapshot is a decoded snapshot. Its states alias the bytes it was read from.
type Snapshot struct {
	Header
	states []section
}

type section struct {
	name  string
	state []byte
}

// Append appends a snapshot of the parts to b.
func Append(b []byte, h Header, parts []Part) ([]byte, error) {
	begin := len(b)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint32(b, version)
	b = binary.LittleEndian.AppendUint64(b, 0) // the body's length, below
	b, err := state.Append(b, func(c *state.Codec) {
		h.fields(c)
		n := uint64(len(parts))
		c.Uint64(&n)
		for _, p := range parts {
			c.String(&p.Name)
			c.Nested(p.Name, p.Component)
		}
	})
	if err != nil {
		return b, err
	}
	body := begin + headSize
	binary.LittleEndian.PutUint64(b[body-8:], uint64(len(b)-body))
	sum := sha256.Sum256(b[begin:])
	return append(b, sum[:]...), nil
}

// fields carries the header.
func (h *Header) fields(c *state.Codec) {
	state.List(c, (*[]Value)(&h.Identity), func(v *Value) {
		c.String(&v.Key)
		c.String(&v.Text)
	})
	c.String(&h.Run)
	state.Integer(c, &h.Position)
	c.Uint64(&h.Batches)
	c.Uint64(&h.NextSeq)
}

// Decode reads a snapshot, which must fill b. Damage is found by the checksum,
// so that no damaged state ever reaches a component.
func Decode(b []byte) (*Snapshot, error) {
	if len(b) < headSize+sha256.Size || string(b[:len(magic)]) != magic {
		return nil, fmt.Errorf("%d bytes that are not a snapshot, or only the beginning of one", len(b))
	}
	if v := binary.LittleEndian.Uint32(b[len(magic):]); v != version {
		return nil, fmt.Errorf("version %d, this program reads and writes version %d", v, version)
	}
	body, sum := b[headSize:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	if n := binary.LittleEndian.Uint64(b[headSize-8:]); n != uint64(len(body)) {
		return nil, fmt.Errorf("cut off or damaged: %d bytes of body where it announces %d", len(body), n)
	}
	if want := sha256.Sum256(b[:len(b)-sha256.Size]); !bytes.Equal(sum, want[:]) {
		return nil, errors.New("damaged: the checksum is wrong")
	}
	return decodeBody(body)
}

func decodeBody(b []byte) (*Snapshot, error) {
	s := new(Snapshot)
	err := state.Restore(b, func(c *state.Codec) {
		s.Header.fields(c)
		state.List(c, &s.states, func(p *section) {
			c.String(&p.name)
			c.Bytes(&p.state)
		})
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Restore gives every part its state. After an error the parts are unusable.
func (s *Snapshot) Restore(parts []Part) error {
	if len(parts) != len(s.states) {
		return fmt.Errorf("it holds the state of %d components, this pipeline has %d with state", len(s.states), len(parts))
	}
	for i, p := range parts {
		if s.states[i].name != p.Name {
			return fmt.Errorf("it holds the state of the %s, this pipeline has that of the %s", s.states[i].name, p.Name)
		}
		if err := p.Component.RestoreState(s.states[i].state); err != nil {
			return fmt.Errorf("state of the %s: %w", p.Name, err)
		}
	}
	return nil
}
