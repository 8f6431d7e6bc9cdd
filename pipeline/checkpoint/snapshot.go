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
	b, body := open(b)
	b = state.AppendUint64(b, uint64(len(h.Identity)))
	for _, v := range h.Identity {
		b = appendText(appendText(b, v.Key), v.Text)
	}
	b = appendText(b, h.Run)
	b = state.AppendInt64(b, h.Position)
	b = state.AppendUint64(b, h.Batches)
	b = state.AppendUint64(b, h.NextSeq)
	b = state.AppendUint64(b, uint64(len(parts)))
	for _, p := range parts {
		b = appendText(b, p.Name)
		var at int
		b, at = open(b)
		var err error
		if b, err = p.Component.AppendState(b); err != nil {
			return b, fmt.Errorf("snapshot of the %s: %w", p.Name, err)
		}
		shut(b, at)
	}
	shut(b, body)
	sum := sha256.Sum256(b[begin:])
	return append(b, sum[:]...), nil
}

// open leaves room for a length, which shut fills in once what it counts is
// there.
func open(b []byte) (_ []byte, at int) {
	b = state.AppendUint64(b, 0)
	return b, len(b)
}

func shut(b []byte, at int) { binary.LittleEndian.PutUint64(b[at-8:], uint64(len(b)-at)) }

func appendText(b []byte, s string) []byte {
	return append(state.AppendUint64(b, uint64(len(s))), s...)
}

// Decode reads a snapshot, which must fill b. Damage is found by the checksum,
// so that no damaged state ever reaches a component.
func Decode(b []byte) (*Snapshot, error) {
	if len(b) < headSize+sha256.Size || string(b[:len(magic)]) != magic {
		return nil, fmt.Errorf("%d bytes that are no snapshot, or only the beginning of one", len(b))
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
	r := state.NewReader(b)
	s := new(Snapshot)
	for n := r.Uint64(); n > 0 && r.Err() == nil; n-- {
		s.Identity = append(s.Identity, Value{string(r.Bytes()), string(r.Bytes())})
	}
	s.Run = string(r.Bytes())
	s.Position, s.Batches, s.NextSeq = r.Int64(), r.Uint64(), r.Uint64()
	for n := r.Uint64(); n > 0 && r.Err() == nil; n-- {
		s.states = append(s.states, section{string(r.Bytes()), r.Bytes()})
	}
	if err := r.Close(); err != nil {
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
