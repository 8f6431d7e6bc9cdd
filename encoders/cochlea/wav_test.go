package cochlea

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// writeWAV writes a mono file of 16 bits.
func writeWAV(t *testing.T, rate int, x []float32) string {
	t.Helper()
	u16, u32 := binary.LittleEndian.AppendUint16, binary.LittleEndian.AppendUint32
	b := u32([]byte("RIFF"), uint32(36+2*len(x)))
	b = u32(append(b, "WAVEfmt "...), 16)
	b = u16(u16(b, 1), 1)
	b = u32(u32(b, uint32(rate)), uint32(2*rate))
	b = u16(u16(b, 2), 16)
	b = u32(append(b, "data"...), uint32(2*len(x)))
	for _, v := range x {
		b = u16(b, uint16(int16(v*32767)))
	}
	path := filepath.Join(t.TempDir(), "voice.wav")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
