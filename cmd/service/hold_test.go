package service

import (
	"net"
	"net/http"
	"testing"
)

// TestTelemetryAnswersAfterARunThatIsHeld asks for metrics once the run is over:
// they are there until Close when servers are held, and gone when they are not.
func TestTelemetryAnswersAfterARunThatIsHeld(t *testing.T) {
	t.Parallel()
	for _, hold := range []bool{true, false} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		l.Close()
		o := options(new(journal))
		o.Hold = hold
		s, err := New(t.Context(), parse(t, document("a", "", plainReadout, "telemetry: {listen: \""+address+"\"}")), o)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Run(t.Context()); err != nil {
			t.Error(err)
		}
		if got := answers(address); got != hold {
			t.Errorf("hold %v: after the run the metrics answer: %v", hold, got)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if answers(address) {
			t.Errorf("hold %v: the metrics answer after Close", hold)
		}
	}
}

func answers(address string) bool {
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := c.Get("http://" + address + "/metrics")
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}
