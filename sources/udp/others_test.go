package udp

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ganglion/pipeline"
	"ganglion/sources/format"
	"ganglion/sources/format/aedat"
	"ganglion/sources/format/formattest"
)

var (
	sensor    = format.Info{Width: 240, Height: 180}
	protocols = []string{SPIF, EventStream, JAER, Faery, Faery32}
)

// Datagrams by the other programs' own description, byte for byte.
func TestDatagramsOfJAERAndFaery(t *testing.T) {
	t.Parallel()
	chip, err := aedat.AddressesOf("DVS128")
	if err != nil {
		t.Fatal(err)
	}
	davis, err := aedat.AddressesOf("DAVIS240C")
	if err != nil {
		t.Fatal(err)
	}
	want := []pipeline.Event{{T: 1000, X: 5, Y: 7, P: 1}, {T: 1001, X: 100, Y: 120}}
	for _, c := range []struct {
		name, protocol string
		data           string
		decoder        decoder
	}{
		{"jAER, DVS128", JAER, "\x00\x00\x00\x09" +
			"\x00\x00\x07\x0a\x00\x00\x03\xe8" + "\x00\x00\x78\xc9\x00\x00\x03\xe9", decoder{chip: chip, sequence: true}},
		{"jAER, DAVIS", JAER, "\x01\xc0\x58\x00\x00\x00\x03\xe8" +
			"\x1e\x06\x40\x00\x00\x00\x03\xe9" + "\x80\x00\x00\x00\x00\x00\x03\xe9",
			decoder{chip: davis}},
		{"faery", Faery, "\xe8\x03\x00\x00\x00\x00\x00\x00\x05\x00\x07\x00\x01" +
			"\xe9\x03\x00\x00\x00\x00\x00\x00\x64\x00\x78\x00\x00", decoder{}},
		{"faery, short", Faery32, "\xe8\x03\x00\x00\x05\x00\x0f\x00" + "\xe9\x03\x00\x00\x64\x00\xf0\x00", decoder{}},
	} {
		got := c.decoder.events(c.protocol, nil, []byte(c.data), 5)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", c.name, diff)
		}
		for n := range len(c.data) {
			c.decoder.events(c.protocol, nil, []byte(c.data)[:n], 5) // any part of it
		}
	}
}

func TestMissingDatagramsOfJAERAreCounted(t *testing.T) {
	t.Parallel()
	var sent bytes.Buffer
	w := newWriter(&sent, JAER, sensor)
	var d decoder
	d.chip, d.sequence = w.chip, true
	var all []pipeline.Event
	for i := range 10 {
		sent.Reset()
		if err := w.Write(formattest.Events(20)); err != nil {
			t.Fatal(err)
		}
		if err := w.flush(); err != nil {
			t.Fatal(err)
		}
		if i == 3 || i == 4 || i == 8 {
			continue
		}
		all = d.events(JAER, all, sent.Bytes(), 0)
	}
	if got := formattest.DamageCounts(d.damage.List()); got["lost_datagrams"] != 3 || len(all) != 140 {
		t.Errorf("%v, %d events", got, len(all))
	}
}

// testDecoder decodes what a writer of the sensor sends.
func testDecoder() decoder {
	return decoder{height: sensor.Height, chip: newWriter(nil, JAER, sensor).chip, sequence: true}
}
