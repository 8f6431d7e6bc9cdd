package redact_test

import (
	"strings"
	"testing"

	"ganglion/internal/redact"
)

func TestSecretsGoAndTheRestStays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"nats://127.0.0.1:4222":                                       "nats://127.0.0.1:4222",
		"nats://tom:geheim@host:4222/x":                               "nats://[REDACTED]@host:4222/x",
		"nats://geheim@host":                                          "nats://[REDACTED]@host",
		`dial "nats://tom:ge@heim@host": refused`:                     `dial "nats://[REDACTED]@host": refused`,
		"nats://a:4222,nats://tom:geheim@b, tls://tom:geheim@[::1]:2": "nats://a:4222,nats://[REDACTED]@b, tls://[REDACTED]@[::1]:2",
		"nats://tom:ge/heim@host":                                     "nats://[REDACTED]@host",
		"https://collector/v1?token=geheim&x=1":                       "https://collector/v1?token=[REDACTED]&x=1",
		"https://host/@handle and me@example.org":                     "https://host/@handle and me@example.org",
		"--set sinks.0.password=geheim":                               "--set sinks.0.password=[REDACTED]",
		"sinks.0.password: want a string":                             "sinks.0.password: want a string",
		"nats://[::1]:4222/@x":                                        "nats://[::1]:4222/@x",
		"OTEL: Api-Key=geheim":                                        "OTEL: Api-Key=[REDACTED]",
		"nats://tom:ge,heim@host":                                     "nats://[REDACTED]@host",
		"http://host/?key=geheim&x=1":                                 "http://host/?key=[REDACTED]&x=1",
		"http://host/v1?x=1&subscription-key=geheim":                  "http://host/v1?x=1&subscription-key=[REDACTED]",
		"http://host/?sv=1&sig=geheim":                                "http://host/?sv=1&sig=[REDACTED]",
		"stream key=cam-1, monkey=3":                                  "stream key=cam-1, monkey=3",
		"open SU" + strings.Repeat("GEHEIM7A", 7) + ": no such file":  "open [REDACTED]: no such file",
	} {
		got := redact.Text(text)
		if got != want {
			t.Errorf("%s: got %s", text, got)
		}
		if strings.Contains(strings.ToLower(got), "heim") {
			t.Errorf("%s tells the secret", got)
		}
		if again := redact.Text(got); again != got {
			t.Errorf("%s: twice is %s", got, again)
		}
	}
}
