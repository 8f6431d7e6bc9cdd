package audio

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/pipeline/natsconn"
	"ganglion/pipeline/pipelinetest"
	"ganglion/sinks/nats/embedded"
	"ganglion/sinks/nats/natstest"
)

// natsServer runs a server in this process and connects to it.
func natsServer(t *testing.T) *nats.Conn {
	t.Helper()
	s, err := embedded.Acquire(embedded.Options{Listen: "127.0.0.1:0", JetStream: true, StoreDir: t.TempDir(),
		Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Release(context.Background()); err != nil {
			t.Error(err)
		}
	})
	nc, err := nats.Connect(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func natsConfig(nc *nats.Conn, rest string) Config {
	c := defaults(nc.ConnectedUrl() + rest)
	c.Format, c.Raw = formatRaw, RawConfig{Rate: 16000, Channels: 1, Encoding: "s16le"}
	return c
}

// publish sends a sound in messages of odd sizes and an empty one behind.
func publish(t *testing.T, nc *nats.Conn, subject string, sound []byte) {
	t.Helper()
	for i := 0; i < len(sound); i += 1234 {
		if err := nc.Publish(subject, sound[i:min(i+1234, len(sound))]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(nc.Publish(subject, nil), nc.Flush()); err != nil {
		t.Fatal(err)
	}
}

func TestMessagesOfASubjectAreSound(t *testing.T) {
	nc := natsServer(t)
	b := plainWAV(16000, 1, tones(30000))
	file, _ := open(t, defaults(writeFile(t, "a.wav", b)))
	want := play(t, file)

	s, info := open(t, natsConfig(nc, "/mic.left"))
	if !info.Live || info.Format != "raw s16le" {
		t.Errorf("%+v", info)
	}
	publish(t, nc, "mic.left", b[44:])
	if got := play(t, s); !cmp.Equal(want, got) {
		t.Errorf("%d samples differ from the file's %d", len(got), len(want))
	}
	if d := s.Damage(); len(d) > 0 {
		t.Error(d)
	}
}

func TestAKeptStreamIsSoundFromItsBeginning(t *testing.T) {
	nc := natsServer(t)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "MIC", Subjects: []string{"mic.>"}}); err != nil {
		t.Fatal(err)
	}
	b := plainWAV(16000, 1, tones(400_000)) // more messages than a feed holds
	publish(t, nc, "mic.left", b[44:])
	file, _ := open(t, defaults(writeFile(t, "a.wav", b)))
	want := play(t, file)
	for range 2 {
		s, info := open(t, natsConfig(nc, "/mic.left?stream=MIC"))
		if info.Live {
			t.Error("a kept stream can wait, so it is not live")
		}
		if got := play(t, s); !cmp.Equal(want, got) {
			t.Errorf("%d samples differ from the file's %d", len(got), len(want))
		}
	}
}

func TestASubjectKeepsTheContractOfSources(t *testing.T) {
	nc := natsServer(t)
	pipelinetest.Source(t, pipelinetest.SourceCase{Endless: true, New: func() (pipeline.Source, error) {
		return New(natsConfig(nc, "/silent"), component.Env{Now: time.Now})
	}})
}

func TestWhatIsWrongWithANATSAddressIsSaid(t *testing.T) {
	for want, path := range map[string]string{
		"path: want nats://HOST:PORT/SUBJECT, not nats://localhost:4222":           "nats://localhost:4222",
		"path: want nats://HOST:PORT/SUBJECT, not nats://u:xxxxx@localhost:4222/":  "nats://u:secret@localhost:4222/",
		"path: want nats://HOST:PORT/SUBJECT, not nats://localhost:4222/two/parts": "nats://localhost:4222/two/parts",
	} {
		c := defaults(path)
		c.Format = formatRaw
		if err := c.Validate(); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	c := defaults("nats://localhost:4222/x")
	if err := c.Validate(); err == nil || err.Error() != "format: messages carry raw sound, not auto" {
		t.Error(err)
	}
	nc := natsServer(t)
	for _, path := range []string{nc.ConnectedUrl() + "/x?stream=NONE", "nats://127.0.0.1:1/x"} {
		c.Path, c.Format = path, formatRaw
		s, err := New(c, component.Env{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(context.Background()); err == nil {
			t.Errorf("%s was opened", path)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// listensAs reports why a source cannot hear what is said on a server: it opens a
// subject, and someone who may publishes.
func listensAs(t *testing.T, url string, access natsconn.Access, publisher ...nats.Option) error {
	t.Helper()
	c := defaults(url + "/mic")
	c.Format, c.Raw, c.NATS = formatRaw, RawConfig{Rate: 16000, Channels: 1, Encoding: "s16le"}, access
	if err := c.Validate(); err != nil {
		return err
	}
	s, err := New(c, component.Env{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Open(t.Context()); err != nil {
		return err
	}
	nc, err := nats.Connect(url, publisher...)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	b := plainWAV(16000, 1, tones(3000))
	publish(t, nc, "mic", b[44:])
	file, _ := open(t, defaults(writeFile(t, "a.wav", b)))
	if want, got := play(t, file), play(t, s); !cmp.Equal(want, got) {
		t.Errorf("%d samples differ from the file's %d", len(got), len(want))
	}
	return nil
}

// checkAccess wants an error that says so and tells no secret, or none.
func checkAccess(t *testing.T, name string, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(strings.ToLower(err.Error()), want)):
		t.Errorf("%s: got %v, want %q", name, err, want)
	case err != nil && strings.Contains(err.Error(), "geheim"):
		t.Errorf("%s: the error tells the secret: %v", name, err)
	}
}

func TestSoundIsHeardByWhoMay(t *testing.T) {
	users := natstest.RunServer(t, &server.Options{Username: "tom", Password: "geheim"})
	token := natstest.RunServer(t, &server.Options{Authorization: "geheim"})
	key, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	seed, _ := key.Seed()
	public, _ := key.PublicKey()
	keys := natstest.RunServer(t, &server.Options{Nkeys: []*server.NkeyUser{{Nkey: public}}})
	seedFile := writeFile(t, "seed", seed)
	byKey, err := nats.NkeyOptionFromSeed(seedFile)
	if err != nil {
		t.Fatal(err)
	}
	tom, known := nats.UserInfo("tom", "geheim"), nats.Token("geheim")
	for name, c := range map[string]struct {
		url    string
		access natsconn.Access
		may    nats.Option
		want   string
	}{
		"the right password": {users, natsconn.Access{User: "tom", Password: "geheim"}, tom, ""},
		"a wrong password":   {users, natsconn.Access{User: "tom", Password: "geheimer"}, tom, "authorization violation"},
		"in the URL":         {strings.Replace(users, "//", "//tom:geheim@", 1), natsconn.Access{}, tom, ""},
		"no password":        {users, natsconn.Access{}, tom, "authorization violation"},
		"the right token":    {token, natsconn.Access{Token: "geheim"}, known, ""},
		"a wrong token":      {token, natsconn.Access{Token: "geheimer"}, known, "authorization violation"},
		"an nkey":            {keys, natsconn.Access{NKey: seedFile}, byKey, ""},
		"an nkey of nobody":  {keys, natsconn.Access{NKey: writeFile(t, "none", []byte("geheim"))}, byKey, "nkey"},
		"no credentials":     {keys, natsconn.Access{Credentials: seedFile + ".none"}, byKey, "credentials"},
	} {
		checkAccess(t, name, listensAs(t, c.url, c.access, c.may), c.want)
	}
	file := defaults("a.wav")
	file.NATS.Token = "geheim"
	checkAccess(t, "for a file", file.Validate(), "nats: the path a.wav is none of")
	file.NATS.NKey = "seed"
	checkAccess(t, "two ways at once", file.NATS.Validate(), "more than one of")
}

func TestSoundIsHeardThroughTLS(t *testing.T) {
	ca := natstest.NewAuthority(t)
	serverPair, client, stranger := ca.Issue(t, "server"), ca.Issue(t, "client"), natstest.NewAuthority(t)
	pair, err := tls.X509KeyPair(serverPair.CertPEM, serverPair.KeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.CertPEM)
	url := natstest.RunServer(t, &server.Options{
		TLS: true, TLSVerify: true, TLSTimeout: 10,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert},
	})
	caFile, cert, key := writeFile(t, "ca", ca.CertPEM), writeFile(t, "cert", client.CertPEM), writeFile(t, "key", client.KeyPEM)
	for name, c := range map[string]struct {
		url  string
		tls  natsconn.TLS
		want string
	}{
		"all in order":          {url, natsconn.TLS{CA: caFile, Cert: cert, Key: key}, ""},
		"by the scheme":         {strings.Replace(url, "nats://", "tls://", 1), natsconn.TLS{CA: caFile, Cert: cert, Key: key}, ""},
		"an unknown authority":  {url, natsconn.TLS{CA: writeFile(t, "other", stranger.CertPEM), Cert: cert, Key: key}, "unknown authority"},
		"no client certificate": {url, natsconn.TLS{CA: caFile}, "tls"},
		"a missing file":        {url, natsconn.TLS{CA: caFile + ".none"}, "no such file"},
	} {
		err := listensAs(t, c.url, natsconn.Access{TLS: c.tls}, nats.RootCAs(caFile), nats.ClientCert(cert, key))
		checkAccess(t, name, err, c.want)
	}
}

// TestAKeptStreamGoesOnAfterItsServerDied kills the server with half of the
// sound in it, and publishes the rest once it is there again.
func TestAKeptStreamGoesOnAfterItsServerDied(t *testing.T) {
	srv := natstest.StartServer(t, "-js", "-sd", t.TempDir())
	stream := func() (*nats.Conn, jetstream.JetStream) {
		nc, err := nats.Connect(srv.URL, nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1))
		if err != nil {
			t.Fatal(err)
		}
		js, err := jetstream.New(nc)
		if err != nil {
			t.Fatal(err)
		}
		return nc, js
	}
	nc, js := stream()
	if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "MIC", Subjects: []string{"mic"}}); err != nil {
		t.Fatal(err)
	}
	sound := plainWAV(16000, 1, tones(64_000))
	half := (len(sound) - 44) / 4 * 2
	send := func(b []byte) {
		for len(b) > 0 {
			n := min(len(b), 1000)
			if _, err := js.Publish(t.Context(), "mic", b[:n]); err != nil {
				t.Fatal(err)
			}
			b = b[n:]
		}
	}
	send(sound[44 : 44+half])
	s, _ := open(t, natsConfig(nc, "/mic?stream=MIC"))
	b := pipeline.Batch{}
	for len(b.PCM) < half/4 { // some of it is heard before
		if err := s.Read(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	nc.Close()
	srv.Kill()
	srv.Restart()
	nc, js = stream()
	defer nc.Close()
	send(sound[44+half:])
	if _, err := js.Publish(t.Context(), "mic", nil); err != nil {
		t.Fatal(err)
	}
	var err error
	for err == nil {
		err = s.Read(t.Context(), &b)
	}
	file, _ := open(t, defaults(writeFile(t, "a.wav", sound)))
	if want := play(t, file); !errors.Is(err, io.EOF) || !cmp.Equal(want, b.PCM) {
		t.Errorf("%d samples differ from the file's %d, %v", len(b.PCM), len(want), err)
	}
	if d := s.Damage(); len(d) != 1 || d[0].Kind != "reconnected" {
		t.Error(d)
	}
}
