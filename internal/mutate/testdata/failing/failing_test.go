package failing

import "testing"

func TestHolds(t *testing.T) {
	if Holds || !Holds {
		t.Fail()
	}
}
