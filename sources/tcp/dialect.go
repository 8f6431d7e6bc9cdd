package tcp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	aedat4Line = "#!AER-DAT4.0\r\n"
	// aedat3Line is what a file of cAER's begins with.
	aedat3Line  = "#!AER-DAT3.1\r\n#Format: RAW\r\n#!END-HEADER\r\n"
	aedat3Magic = 0x1D378BC90B9A6658
	aedat3Head  = 20
)

// translate gives a stream of DV or cAER the beginning that files have, and leaves any
// other as it is. It waits for the first bytes.
func translate(src io.Reader) (io.Reader, error) {
	const look = 12
	head := make([]byte, look, aedat3Head)
	n, err := io.ReadFull(src, head)
	if err != nil {
		if n == 0 {
			return nil, err
		}
		return bytes.NewReader(head[:n]), nil // which its format will tell
	}
	le := binary.LittleEndian
	switch {
	case le.Uint64(head) == aedat3Magic:
		head = head[:aedat3Head]
		if _, err := io.ReadFull(src, head[look:]); err != nil {
			return nil, err
		}
		if version, packing := head[16], head[17]; version != 1 || packing != 0 {
			return nil, fmt.Errorf("cAER's version %d, format %d: only version 1, not compressed (format 0), is read", version, packing)
		}
		return io.MultiReader(bytes.NewReader([]byte(aedat3Line)), src), nil
	case string(head[8:12]) == "IOHE":
		return io.MultiReader(bytes.NewReader([]byte(aedat4Line)), bytes.NewReader(head), src), nil
	}
	return io.MultiReader(bytes.NewReader(head), src), nil
}

// errSize is the error of a stream without a size.
var errSize = errors.New("does not state the sensor's size: set width and height")
