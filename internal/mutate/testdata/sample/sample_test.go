package sample

import "testing"

func TestSum(t *testing.T) {
	if Sum(1, 2) != 3 || Largest(3) != 3 || Largest(0, 1) != 1 {
		t.Fail()
	}
}
