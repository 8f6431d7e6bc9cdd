package audio

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestScripts drives the queue of live sound, NATS messages and datagrams alike,
// by the scripts in testdata: a command, and what is read or reported.
// `go test -run Scripts -rewrite` writes the results again.
//
//	feed limit=
//	    A queue for so many frames of 2 bytes.
//	piece SOUND
//	    A piece arrives, a letter for each byte; it does not wait.
//	reconnect
//	    The connection was lost and made again.
//	read [n=]
//	    What there is, up to so many bytes; "." is a byte of silence.
//	end | fail
//	    The stream ends.
//	report
//	    Damage so far, and frames that were dropped.
func TestScripts(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, filepath.Join("testdata", "script"), func(t *testing.T, path string) {
		s := &script{}
		datadriven.RunTest(t, path, s.run)
	})
}

type script struct{ *feed }

func (s *script) run(t *testing.T, d *datadriven.TestData) string {
	switch d.Cmd {
	case "feed":
		var limit int
		d.ScanArgs(t, "limit", &limit)
		s.feed = newTestFeed(t, 2, 2*limit)
		s.silent = '.'
		return ""
	case "piece":
		for _, a := range d.CmdArgs {
			if _, err := s.Write([]byte(a.Key)); err != nil {
				return err.Error()
			}
		}
		return ""
	case "reconnect":
		s.again()
		return ""
	case "read":
		n := 100
		d.MaybeScanArgs(t, "n", &n)
		b := make([]byte, n)
		n, err := s.get(b)
		if err != nil {
			return fmt.Sprintf("%s%v", b[:n], err)
		}
		return fmt.Sprintf("%q", b[:n])
	case "end":
		s.end(io.EOF)
		return ""
	case "fail":
		s.end(io.ErrUnexpectedEOF)
		return ""
	case "report":
		var out strings.Builder
		for _, v := range s.in.report.List() {
			fmt.Fprintf(&out, "%s x%d\n", v.Kind, v.Count)
		}
		fmt.Fprintf(&out, "dropped: %d, waiting: %d\n", s.lost(), s.held/s.frame)
		return out.String()
	}
	d.Fatalf(t, "no command %q", d.Cmd)
	return ""
}
