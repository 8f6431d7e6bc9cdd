package nats

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/nats-io/nats.go"
)

// TestScripts drives the protocol of core publishing by the scripts in testdata:
// a command, and what was done on the connection and what is reported.
// `go test -run Scripts -rewrite` writes the results again.
//
//	publish [timeout=] [message...]
//	    Publishes messages. Each line of its input is what happens in a try:
//	        replaced at=(wait|begin|publish|flush)
//	            The connection is replaced by another one within that call; of a
//	            publish, within the first.
//	        fails at=(wait|publish|flush) with=(timeout|closed|too-large|...)
//	            That call fails.
//	        refused n=
//	            So many messages are refused before the PONG.
//	    Tries without a line go well.
func TestScripts(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, filepath.Join("testdata", "script"), func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) (out string) {
			if d.Cmd != "publish" {
				d.Fatalf(t, "no command %q", d.Cmd)
			}
			synctest.Test(t, func(t *testing.T) { out = newPlay(t, d).publish(t, d) })
			return out
		})
	})
}

// play is a connection that follows a script.
type play struct {
	out        strings.Builder
	tries      [][]datadriven.CmdArg
	commands   []string
	try        int // from 1 on
	reconnects uint64
	refused    int
}

func newPlay(t *testing.T, d *datadriven.TestData) *play {
	p := &play{}
	for line := range strings.Lines(d.Input) {
		cmd, args, err := datadriven.ParseLine(line)
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		p.commands, p.tries = append(p.commands, cmd), append(p.tries, args)
	}
	return p
}

var failures = map[string]error{
	"timeout": nats.ErrTimeout, "closed": nats.ErrConnectionClosed, "too-large": nats.ErrMaxPayload, "bad-subject": nats.ErrBadSubject,
	"stale": nats.ErrStaleConnection,
}

// at is what the script has happen within a call of the current try.
func (p *play) at(call string) error {
	if p.try > len(p.tries) {
		return nil
	}
	d := &datadriven.TestData{CmdArgs: p.tries[p.try-1]}
	if where, ok := d.Arg("at"); !ok || where.Vals[0] != call {
		return nil
	}
	switch p.commands[p.try-1] {
	case "replaced":
		if call == "publish" {
			p.tries[p.try-1] = nil // within the first alone
		}
		p.reconnects++
		p.out.WriteString("    replaced\n")
	case "fails":
		with, _ := d.Arg("with")
		err := failures[with.Vals[0]]
		fmt.Fprintf(&p.out, "    %v\n", err)
		return err
	}
	return nil
}

func (p *play) call(name, what string) error {
	fmt.Fprintf(&p.out, "  %s\n", what)
	return p.at(name)
}

func (p *play) env() coreEnv {
	return coreEnv{
		wait: func(ctx context.Context) error {
			p.try++
			fmt.Fprintf(&p.out, "try %d\n", p.try)
			return errors.Join(p.call("wait", "wait"), ctx.Err())
		},
		begin: func() {
			p.refused = 0
			if p.try <= len(p.tries) && p.commands[p.try-1] == "refused" {
				_, _ = fmt.Sscan(p.tries[p.try-1][0].Vals[0], &p.refused)
			}
			_ = p.call("begin", "begin")
		},
		publish:    func(m *nats.Msg) error { return p.call("publish", "publish "+m.Subject) },
		flush:      func(context.Context) error { return p.call("flush", "flush") },
		reconnects: func() uint64 { return p.reconnects },
		refused: func(msgs []*nats.Msg) (which []int) {
			for i := range min(p.refused, len(msgs)) {
				which = append(which, i)
			}
			return which
		},
	}
}

func (p *play) publish(t *testing.T, d *datadriven.TestData) string {
	ctx := t.Context()
	var timeout time.Duration
	if d.MaybeScanArgs(t, "timeout", &timeout) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, timeout, fmt.Errorf("not confirmed within %v", timeout))
		defer cancel()
	}
	var msgs []*nats.Msg
	for _, a := range d.CmdArgs {
		if a.Key != "timeout" {
			msgs = append(msgs, &nats.Msg{Subject: a.Key})
		}
	}
	begun := time.Now()
	confirmed, refused, err := (&core{env: p.env()}).publish(ctx, msgs)
	fmt.Fprintf(&p.out, "after %v: confirmed %d, refused %d", time.Since(begun), confirmed, len(refused))
	if err != nil {
		fmt.Fprintf(&p.out, ", %s", strings.ReplaceAll(err.Error(), "\n", ": "))
	}
	return p.out.String() + "\n"
}
