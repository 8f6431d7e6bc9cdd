package recording

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"ganglion/sources/format"
)

// packedNesting bounds how many packings lie around each other.
const packedNesting = 4

// unpacking is what lies around a recording.
type unpacking struct {
	inside string      // name of what is packed
	names  string      // of the packings, for the report
	layers []*unpacker // outermost first
}

// unpack takes the packing off what the input holds, and returns the options
// for what is inside.
func (u *unpacking) unpack(in *format.Input, o Options) (Options, error) {
	for range packedNesting {
		head, _, err := in.Window(len(zipMagic))
		if err != nil {
			return o, err
		}
		switch i := packingOf(head); {
		case i >= 0:
			u.peel(in, packings()[i])
		case bytes.HasPrefix(head, []byte(zipMagic)) && !o.Live:
			m, err := findMember(in, u.inside, &o)
			if err != nil || m == nil {
				return o, err
			}
			if err := u.enter(in, m); err != nil {
				return o, err
			}
		default:
			return o, nil
		}
	}
	return o, fmt.Errorf("is packed more than %d times", packedNesting)
}

// peel takes one packing off.
func (u *unpacking) peel(in *format.Input, p packing) {
	in.Wrap(func(rest io.Reader) io.Reader {
		src := &origin{r: rest}
		return u.layer(src, p.open, func() int64 { return src.n })
	})
	in.Jump(0)
	u.name(p.name)
	if ext := filepath.Ext(u.inside); slices.Contains(p.endings, strings.ToLower(ext)) {
		u.inside = strings.TrimSuffix(u.inside, ext)
	}
}

// enter goes into a member of an archive.
func (u *unpacking) enter(in *format.Input, m *member) error {
	u.name("zip member " + m.Name)
	u.inside = m.Name
	if m.Method != zip.Store {
		open := func(io.Reader) (io.Reader, error) { return m.Open() }
		in.Reset(u.layer(&origin{}, open, func() int64 { return int64(min(m.CompressedSize64, uint64(m.size))) }), 0)
		return nil
	}
	at, err := m.DataOffset()
	if err != nil {
		return err
	}
	in.Reset(newSection(m.archive, at, int64(m.UncompressedSize64)), 0)
	return nil
}

// layer unpacks what is packed in so many bytes, which a packing around it
// knows better.
func (u *unpacking) layer(src *origin, open func(io.Reader) (io.Reader, error), size func() int64) *unpacker {
	l := &unpacker{src: src, open: open, size: size}
	if len(u.layers) > 0 {
		l.size = u.layers[0].size
	}
	u.layers = append(u.layers, l)
	return l
}

// name notes one packing more, for the report.
func (u *unpacking) name(packing string) {
	if u.names != "" {
		u.names += ", "
	}
	u.names += packing
}

// explain tells where an error comes from: what is inside, or its packing.
func (u *unpacking) explain(err error) error {
	for _, l := range u.layers {
		if l.err != nil {
			err = fmt.Errorf("cannot be unpacked: %w", l.err)
		}
	}
	if u.names != "" {
		err = fmt.Errorf("inside %s: %w", u.names, err)
	}
	return err
}

// broken tells the kind of damage of each packing that ended before its end, once.
func (u *unpacking) broken(tell func(kind string)) {
	for _, l := range u.layers {
		if l.err == nil {
			continue
		}
		kind := "broken_packing"
		if errors.Is(l.err, io.ErrUnexpectedEOF) || errors.Is(l.err, io.EOF) {
			kind = format.Truncated
		}
		tell(kind)
		l.err = nil
	}
}

// close frees what the packings hold.
func (u *unpacking) close() {
	for _, l := range u.layers {
		l.close()
	}
}
