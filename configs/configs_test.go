package configs

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestTheNetworksOfTheFolderComeAlong(t *testing.T) {
	if want := []string{"computer", "digits", "shapes", "trunk"}; !slices.Equal(Networks(), want) {
		t.Fatalf("%v, want %v", Networks(), want)
	}
	for _, name := range Networks() {
		want, err := os.ReadFile(name + ".nir")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Model(name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v, want %d", name, len(got), err, len(want))
		}
	}
	for _, name := range []string{"nothere", "", "../cmd/cmd", "computer.nir"} {
		if _, err := Model(name); err == nil || !strings.Contains(err.Error(), "computer, digits, shapes, trunk") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
