package table

import (
	"bytes"
	"io"

	"ganglion/sources/format"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
)

// utf16Of finds out whether text is UTF-16: by a byte order mark, or by the zero
// that every other byte of plain text is.
func utf16Of(head []byte) encoding.Encoding {
	const plain = 4
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), len(head) >= plain && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case bytes.HasPrefix(head, []byte("\xfe\xff")), len(head) >= plain && head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	}
	return nil
}

// utf8Head is the beginning of a text in UTF-8.
func utf8Head(head []byte) []byte {
	e := utf16Of(head)
	if e == nil {
		return head
	}
	text, err := e.NewDecoder().Bytes(head[:len(head)&^1])
	if err != nil {
		return head
	}
	return text
}

// decodeUTF16 lets the stream's bytes be UTF-8 from here on.
func decodeUTF16(s *format.Stream) error {
	head, _, err := s.In.Window(4)
	if err != nil {
		return err
	}
	if e := utf16Of(head); e != nil {
		s.In = format.NewInput(e.NewDecoder().Reader(inputReader{s.In}))
	}
	return nil
}

// inputReader reads what is left of an input.
type inputReader struct{ in *format.Input }

func (r inputReader) Read(b []byte) (int, error) {
	src, _, err := r.in.Window(1)
	if err != nil {
		return 0, err
	}
	if len(src) == 0 {
		return 0, io.EOF
	}
	n := copy(b, src)
	r.in.Advance(n)
	return n, nil
}
