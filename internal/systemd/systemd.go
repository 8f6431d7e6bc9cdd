// Package systemd tells the service manager how a process does: sd_notify(3) and
// the watchdog, without its library.
package systemd

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

// Messages of [Notifier.Serve].
const (
	saysReady    = "READY=1"
	saysStopping = "STOPPING=1"
	saysAlive    = "WATCHDOG=1"
)

// Notifier sends to the manager's socket.
type Notifier struct {
	conn *net.UnixConn

	// Watchdog is how long the manager waits for a sign of life; 0 where it does not.
	Watchdog time.Duration
}

// Open connects to the manager that the environment names; getenv is os.Getenv
// and pid the process's own. Without one it returns nil, which sends nothing.
func Open(getenv func(string) string, pid int) (*Notifier, error) {
	address := getenv("NOTIFY_SOCKET")
	if address == "" {
		return nil, nil
	}
	// A name that begins with @ is an abstract socket; Go treats it so too.
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		return nil, fmt.Errorf("the service manager's socket: %w", err)
	}
	n := &Notifier{conn: conn}
	if us, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && us > 0 {
		if p := getenv("WATCHDOG_PID"); p == "" || p == strconv.Itoa(pid) {
			n.Watchdog = time.Duration(us) * time.Microsecond
		}
	}
	return n, nil
}

// send sends one message.
func (n *Notifier) send(message string) error {
	if n == nil {
		return nil
	}
	_, err := n.conn.Write([]byte(message))
	return err
}

// Close ends the connection.
func (n *Notifier) Close() error {
	if n == nil {
		return nil
	}
	return n.conn.Close()
}

// look is how often a process that is not ready yet is looked at.
const look = 100 * time.Millisecond

// Serve reports that the process is ready once it is, that it lives, twice within
// the time of the watchdog, and that it stops when the context ends. alive looks
// at the process and reports whether it is ready: one that hangs does not return
// from it, and the manager hears nothing more. Serve returns with the context, or
// when done is closed.
func (n *Notifier) Serve(ctx context.Context, done <-chan struct{}, alive func() (ready bool)) error {
	if n == nil {
		return nil
	}
	every := n.Watchdog / 2
	if every <= 0 {
		every = time.Hour
	}
	ticks := time.NewTicker(look)
	defer ticks.Stop()
	ready, last := false, time.Time{}
	for {
		if now := alive(); now && !ready {
			ready = true
			if err := n.send(saysReady); err != nil {
				return err
			}
			ticks.Reset(min(every, time.Second))
		}
		if n.Watchdog > 0 && time.Since(last) >= every {
			last = time.Now()
			if err := n.send(saysAlive); err != nil {
				return err
			}
		}
		select {
		case <-ticks.C:
		case <-done:
			return n.send(saysStopping)
		case <-ctx.Done():
			return n.send(saysStopping)
		}
	}
}
