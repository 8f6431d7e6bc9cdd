package natsconn

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"ganglion/pipeline/component"
)

// Access is how a client proves who it is, and whom it trusts: part of the
// configuration of every component that connects.
type Access struct {
	Credentials string           `key:"credentials" file:"read" doc:"File with a user's JWT and key."`
	NKey        string           `key:"nkey" file:"read" doc:"File with a user's NKey seed."`
	User        string           `key:"user" doc:"User name."`
	Password    component.Secret `key:"password" doc:"The user's password."`
	Token       component.Secret `key:"token" doc:"Authentication token."`
	TLS         TLS              `key:"tls" doc:"Certificates."`
}

// TLS names certificate files.
type TLS struct {
	CA   string `key:"ca" file:"read" doc:"File with the certificates that may have signed the server's; empty trusts the system's."`
	Cert string `key:"cert" file:"read" doc:"File with the client's certificate."`
	Key  string `key:"key" file:"read" doc:"File with the client's key."`
}

// Validate finds settings that exclude each other.
func (a Access) Validate() error {
	switch {
	case a.methods() > 1:
		return errors.New("more than one of credentials, nkey, user and token")
	case a.Password != "" && a.User == "":
		return errors.New("a password without a user")
	case (a.TLS.Cert == "") != (a.TLS.Key == ""):
		return errors.New("tls wants both cert and key or neither")
	}
	return nil
}

// methods counts the ways to authenticate that are configured.
func (a Access) methods() (n int) {
	for _, set := range []bool{a.Credentials != "", a.NKey != "", a.User != "" || a.Password != "", a.Token != ""} {
		if set {
			n++
		}
	}
	return n
}

// Check looks into the files that are named.
func (a Access) Check() error {
	_, err := a.secure()
	return err
}

// PublicKey is the public half of the NKey, empty where none is configured.
func (a Access) PublicKey() (string, error) {
	if a.NKey == "" {
		return "", nil
	}
	seed, err := os.ReadFile(a.NKey)
	if err != nil {
		return "", fmt.Errorf("nkey: %w", err)
	}
	pair, err := nkeys.ParseDecoratedNKey(seed)
	if err != nil {
		return "", fmt.Errorf("nkey: %s: %w", a.NKey, err)
	}
	return pair.PublicKey()
}

// secure are the options for authentication and TLS.
func (a Access) secure() ([]nats.Option, error) {
	var options []nats.Option
	switch {
	case a.Credentials != "":
		if _, err := os.Stat(a.Credentials); err != nil {
			return nil, fmt.Errorf("credentials: %w", err)
		}
		options = append(options, nats.UserCredentials(a.Credentials))
	case a.NKey != "":
		o, err := nats.NkeyOptionFromSeed(a.NKey)
		if err != nil {
			return nil, fmt.Errorf("nkey: %w", err)
		}
		options = append(options, o)
	case a.User != "":
		options = append(options, nats.UserInfo(a.User, string(a.Password)))
	case a.Token != "":
		options = append(options, nats.Token(string(a.Token)))
	}
	if a.TLS == (TLS{}) {
		return options, nil
	}
	t, err := a.TLS.config()
	if err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	return append(options, nats.Secure(t)), nil
}

func (t TLS) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.CA != "" {
		pem, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, err
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", t.CA)
		}
	}
	if t.Cert != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
