package nats

import (
	"strings"
	"testing"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

func TestMistakesOfTheConfigurationAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   string // empty: no mistake
	}{
		"the defaults":             {func(*Config) {}, ""},
		"an embedded server":       {func(c *Config) { c.URL = Embedded }, ""},
		"several servers":          {func(c *Config) { c.URL = "nats://a:4222, tls://b, c:4223" }, ""},
		"a web socket":             {func(c *Config) { c.URL = "http://a" }, "scheme"},
		"a URL without a host":     {func(c *Config) { c.URL = "nats://:4222" }, "no host"},
		"an empty URL":             {func(c *Config) { c.URL = "" }, "no host"},
		"a malformed URL":          {func(c *Config) { c.URL = "nats://tom:geheim@[::1" }, "not a URL"},
		"an address without port":  {func(c *Config) { c.URL, c.Listen = Embedded, "127.0.0.1" }, "listen"},
		"a token for oneself":      {func(c *Config) { c.URL, c.Token = Embedded, "geheim" }, ""},
		"an account for oneself":   {func(c *Config) { c.URL, c.Credentials = Embedded, "file" }, "neither credentials nor TLS"},
		"a bare port":              {func(c *Config) { c.URL, c.Listen = Embedded, ":4222" }, ""},
		"open to everybody":        {func(c *Config) { c.URL, c.Listen = Embedded, "0.0.0.0:4222" }, "lets everybody in"},
		"open on IPv6":             {func(c *Config) { c.URL, c.Listen = Embedded, "[::]:4222" }, "lets everybody in"},
		"open under a name":        {func(c *Config) { c.URL, c.Listen = Embedded, "camera:4222" }, "lets everybody in"},
		"beyond, with a token":     {func(c *Config) { c.URL, c.Listen, c.Token = Embedded, "0.0.0.0:4222", "geheim" }, ""},
		"beyond, with a key":       {func(c *Config) { c.URL, c.Listen, c.NKey = Embedded, "10.0.0.7:4222", "seed" }, ""},
		"two ways to authenticate": {func(c *Config) { c.Token, c.NKey = "geheim", "file" }, "more than one of"},
		"a password alone":         {func(c *Config) { c.Password = "geheim" }, "a password without a user"},
		"half a key pair":          {func(c *Config) { c.TLS.Cert = "file" }, "both cert and key"},
		"an unknown mark":          {func(c *Config) { c.Subject = "a.{stream}" }, "{stream} is neither"},
		"an empty token":           {func(c *Config) { c.Subject = "a..b" }, "empty token"},
		"an empty subject":         {func(c *Config) { c.Subject = "" }, "empty token"},
		"a wildcard":               {func(c *Config) { c.Subject = "a.>" }, `'>'`},
		"a blank":                  {func(c *Config) { c.Subject = "a b" }, `' '`},
		"the server's own subject": {func(c *Config) { c.Subject = "$SYS.{kind}" }, "reserved"},
		"half a mark":              {func(c *Config) { c.Subject = "a.{name" }, `'{'`},
		"a stream with a dot":      {func(c *Config) { c.JetStream.Stream = "a.b" }, "stream name"},
	} {
		cfg := NewDefaultConfig()
		c.change(&cfg)
		err := cfg.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: the error tells the secret: %v", name, err)
		}
	}
}

func TestANameThatNoSubjectCanBearIsRefused(t *testing.T) {
	for _, name := range []string{"", "a b", "a.b", "a*", ">"} {
		if _, err := New(NewDefaultConfig(), component.Env{Name: name}); err == nil {
			t.Errorf("pipeline name %q was accepted", name)
		}
	}
	c := NewDefaultConfig()
	c.Subject = "fixed.{kind}"
	if _, err := New(c, component.Env{Name: "a.b"}); err != nil {
		t.Errorf("a name that the subject does not use: %v", err)
	}
}

func TestAKindThatNoSubjectCanBearIsAnError(t *testing.T) {
	s, err := newSubjects(NewDefaultConfig().Subject, "left")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.of(pipeline.Keyword); err != nil || got != "ganglion.left.keyword" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := s.of("a b"); err == nil {
		t.Error("no error")
	}
}

func TestAStreamCoversASubjectOnlyAsAWhole(t *testing.T) {
	for _, c := range []struct {
		pattern, subject string
		want             bool
	}{
		{"a.b.*", "a.b.*", true}, {"a.*.*", "a.b.*", true}, {"a.>", "a.b.*", true}, {">", "a", true},
		{"a.b.c", "a.b.*", false}, {"a.b", "a.b.*", false}, {"a.b.*.d", "a.b.*", false}, {"a.b.*.>", "a.b.*", false}, {"a.b", "a.b", true},
	} {
		if got := covers(c.pattern, c.subject); got != c.want {
			t.Errorf("%s covers %s: %v", c.pattern, c.subject, got)
		}
	}
}

// TestASubjectThatTheNewStreamDoesNotTakeIsFoundBeforeTheStart: only of a stream
// that would be created with them the subjects count.
func TestASubjectThatTheNewStreamDoesNotTakeIsFoundBeforeTheStart(t *testing.T) {
	t.Parallel()
	elsewhere := []string{"elsewhere"}
	for name, c := range map[string]struct {
		stream JetStream
		want   string // empty: nothing is wrong
	}{
		"other subjects":                  {JetStream{Stream: "D", Create: true, Subjects: elsewhere}, `"D" does not take ganglion.left.*`},
		"the sink's among others":         {JetStream{Stream: "D", Create: true, Subjects: []string{"elsewhere", "ganglion.>"}}, ""},
		"none, which are the sink's":      {JetStream{Stream: "D", Create: true}, ""},
		"a stream that must exist":        {JetStream{Stream: "D", Subjects: elsewhere}, ""},
		"no stream":                       {JetStream{Create: true, Subjects: elsewhere}, ""},
		"no stream, and none is created":  {JetStream{Subjects: elsewhere}, ""},
		"a stream that must exist, alone": {JetStream{Stream: "D"}, ""},
	} {
		cfg := NewDefaultConfig()
		cfg.JetStream = c.stream
		err := build(t, cfg).Precheck()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

func TestErrorsShowServersWithoutSecrets(t *testing.T) {
	got := redacted("nats://tom:geheim@a:4222,nats://token@b,c:1, nats://x:geheim@[::1")
	if want := "nats://a:4222,nats://b,nats://c:1,malformed URL"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
