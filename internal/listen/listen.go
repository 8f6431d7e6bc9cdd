// Package listen reads the addresses that listeners are configured with: one
// that other machines can reach must be asked for in words.
package listen

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// loopback is what an address without a host stands for.
const loopback = "127.0.0.1"

// Address is what a listener configured with host:port binds. Without a host it
// is loopback, not every interface as Go has it: those are 0.0.0.0 and [::].
func Address(configured string) (string, error) {
	host, port, err := net.SplitHostPort(configured)
	if err != nil {
		return "", fmt.Errorf("%q is not an address such as 127.0.0.1:4222: %w", configured, plain(err))
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", fmt.Errorf("%q: the port is not a number from 0 to 65535", configured)
	}
	if host == "" {
		host = loopback
	}
	return net.JoinHostPort(host, port), nil
}

// plain is the cause without the address that the message names already.
func plain(err error) error {
	if a, ok := errors.AsType[*net.AddrError](err); ok {
		return errors.New(a.Err)
	}
	return err
}

// Beyond reports whether other machines can reach what listens at an address.
// A name other than localhost may lead anywhere.
func Beyond(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "" || host == "localhost" {
		return err != nil
	}
	ip, err := netip.ParseAddr(host)
	return err != nil || !ip.Unmap().IsLoopback()
}
