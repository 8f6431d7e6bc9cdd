package nats

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sinks/nats/natstest"
)

// connects reports why a sink with the configuration cannot publish.
func connects(t *testing.T, c Config) error {
	t.Helper()
	s := build(t, c)
	defer func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	if err := s.Open(context.Background(), pipeline.StreamMeta{}); err != nil {
		return err
	}
	return s.Write(context.Background(), detections(0, 3))
}

func check(t *testing.T, name string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("%s: %v", name, err)
	case want != "" && (err == nil || !strings.Contains(strings.ToLower(err.Error()), want)):
		t.Errorf("%s: got %v, want %q", name, err, want)
	case err != nil && strings.Contains(err.Error(), "geheim"):
		t.Errorf("%s: the error tells the secret: %v", name, err)
	}
}

func writeFile(t *testing.T, name string, content []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestUsersAndTokensOpenTheServerThatKnowsThem(t *testing.T) {
	users := natstest.RunServer(t, &server.Options{Username: "tom", Password: "geheim"})
	token := natstest.RunServer(t, &server.Options{Authorization: "geheim"})
	for name, c := range map[string]struct {
		url, user       string
		password, token component.Secret
		want            string
	}{
		"the right password": {users, "tom", "geheim", "", ""},
		"a wrong password":   {users, "tom", "geheimer", "", "authorization violation"},
		"no password":        {users, "", "", "", "authorization violation"},
		"in the URL":         {strings.Replace(users, "//", "//tom:geheim@", 1), "", "", "", ""},
		"wrong in the URL":   {strings.Replace(users, "//", "//tom:geheimer@", 1), "", "", "", "authorization violation"},
		"the right token":    {token, "", "", "geheim", ""},
		"a wrong token":      {token, "", "", "geheimer", "authorization violation"},
	} {
		cfg := config(c.url)
		cfg.User, cfg.Password, cfg.Token = c.user, c.password, c.token
		check(t, name, connects(t, cfg), c.want)
	}
}

func TestAnNKeyOpensTheServerThatKnowsIt(t *testing.T) {
	known, stranger := user(t), user(t)
	url := natstest.RunServer(t, &server.Options{Nkeys: []*server.NkeyUser{{Nkey: public(t, known)}}})
	for name, c := range map[string]struct{ file, want string }{
		"a known key":   {writeFile(t, "seed", seed(t, known)), ""},
		"another key":   {writeFile(t, "seed", seed(t, stranger)), "authorization violation"},
		"no key at all": {writeFile(t, "seed", []byte("geheim")), "nkey"},
		"no file":       {filepath.Join(t.TempDir(), "seed"), "no such file"},
	} {
		cfg := config(url)
		cfg.NKey = c.file
		check(t, name, connects(t, cfg), c.want)
	}
}

func TestCredentialsOpenTheServerThatTrustsTheirIssuer(t *testing.T) {
	operator, account := pair(t, nkeys.CreateOperator), pair(t, nkeys.CreateAccount)
	accountJWT := encode(t, jwt.NewAccountClaims(public(t, account)), operator)
	resolver := &server.MemAccResolver{}
	if err := resolver.Store(public(t, account), accountJWT); err != nil {
		t.Fatal(err)
	}
	url := natstest.RunServer(t, &server.Options{TrustedKeys: []string{public(t, operator)}, AccountResolver: resolver})
	credentials := func(issuer nkeys.KeyPair) string {
		u := user(t)
		content, err := jwt.FormatUserConfig(encode(t, jwt.NewUserClaims(public(t, u)), issuer), seed(t, u))
		if err != nil {
			t.Fatal(err)
		}
		return writeFile(t, "user.creds", content)
	}
	for name, c := range map[string]struct{ file, want string }{
		"of the account":       {credentials(account), ""},
		"of a foreign account": {credentials(pair(t, nkeys.CreateAccount)), "authorization violation"},
		"no file":              {filepath.Join(t.TempDir(), "user.creds"), "no such file"},
	} {
		cfg := config(url)
		cfg.Credentials = c.file
		check(t, name, connects(t, cfg), c.want)
	}
}

func TestASubjectThatIsNotAllowedIsAnError(t *testing.T) {
	url := natstest.RunServer(t, &server.Options{Users: []*server.User{{
		Username: "tom", Password: "geheim",
		Permissions: &server.Permissions{Publish: &server.SubjectPermission{Allow: []string{"ganglion.left.motion_start"}}},
	}}})
	cfg := config(url)
	cfg.User, cfg.Password = "tom", "geheim"
	s := open(t, cfg)
	write(t, s, detections(0, 1)) // a motion_start
	check(t, "another kind", s.Write(context.Background(), detections(1, 1)), "permissions violation")
}

func user(t *testing.T) nkeys.KeyPair { return pair(t, nkeys.CreateUser) }

func pair(t *testing.T, create func() (nkeys.KeyPair, error)) nkeys.KeyPair {
	t.Helper()
	k, err := create()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func public(t *testing.T, k nkeys.KeyPair) string {
	t.Helper()
	p, err := k.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func seed(t *testing.T, k nkeys.KeyPair) []byte {
	t.Helper()
	s, err := k.Seed()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func encode(t *testing.T, c jwt.Claims, issuer nkeys.KeyPair) string {
	t.Helper()
	s, err := c.Encode(issuer)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheEmbeddedServerKnowsItsOwnSink(t *testing.T) {
	for name, set := range map[string]func(*Config){
		"a password": func(c *Config) { c.User, c.Password = "tom", "geheim" },
		"a token":    func(c *Config) { c.Token = "geheim" },
		"a key":      func(c *Config) { c.NKey = writeFile(t, "seed", seed(t, user(t))) },
	} {
		cfg := config(Embedded)
		cfg.Listen = "0.0.0.0:0"
		set(&cfg)
		check(t, name, connects(t, cfg), "")
	}
}
