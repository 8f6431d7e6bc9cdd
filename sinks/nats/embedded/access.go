package embedded

import (
	"crypto/subtle"
	"errors"

	"github.com/nats-io/nats-server/v2/server"

	"ganglion/internal/listen"
	"ganglion/pipeline/natsconn"
)

// Access is whom the server lets in: everybody, or who knows a user and
// password, or a token, or holds the key of a public NKey.
type Access struct {
	User, Password string
	Token          string
	NKey           string // public
}

// AccessOf is what a server asks of a client that is configured so.
func AccessOf(a natsconn.Access) (Access, error) {
	if a.Credentials != "" || a.TLS != (natsconn.TLS{}) {
		return Access{}, errors.New("the embedded server asks for a user and password, a token or an nkey, and knows neither credentials nor TLS")
	}
	key, err := a.PublicKey()
	return Access{User: a.User, Password: string(a.Password), Token: string(a.Token), NKey: key}, err
}

// open reports whether everybody is let in.
func (a Access) open() bool { return a == Access{} }

var errOpen = errors.New("other machines could reach it there and it lets everybody in: " +
	"give it a user and password, a token or an nkey, or a loopback address")

// refuse is why a server must not listen at an address.
func (a Access) refuse(address string) error {
	if a.open() && listen.Beyond(address) {
		return errOpen
	}
	return nil
}

// ask makes the server ask. Passwords and tokens are compared here, because the
// server warns of those that it is given in plain text.
func ask(o *server.Options, a Access) {
	switch {
	case a.NKey != "":
		o.Nkeys = []*server.NkeyUser{{Nkey: a.NKey}}
	case !a.open():
		o.CustomClientAuthentication = doorman{a}
	}
}

// doorman lets in who knows what an access asks for. It is not a method of Access, so
// that who knows that does not compile what is behind the server's types.
type doorman struct{ of Access }

// Check implements [server.Authentication].
func (d doorman) Check(c server.ClientAuthentication) bool {
	given := c.GetOpts()
	same := func(x, y string) int { return subtle.ConstantTimeCompare([]byte(x), []byte(y)) }
	return same(given.Username, d.of.User)&same(given.Password, d.of.Password)&same(given.Token, d.of.Token) == 1
}

var _ server.Authentication = doorman{}
