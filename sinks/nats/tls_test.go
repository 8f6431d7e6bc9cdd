package nats

import (
	"crypto/tls"
	"crypto/x509"
	"path/filepath"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"ganglion/pipeline/natsconn"
	"ganglion/sinks/nats/natstest"
)

func TestCertificatesAreChecked(t *testing.T) {
	ca := natstest.NewAuthority(t)
	serverPair := ca.Issue(t, "server")
	client, stranger := ca.Issue(t, "client"), natstest.NewAuthority(t)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.CertPEM)
	pair, err := tls.X509KeyPair(serverPair.CertPEM, serverPair.KeyPEM)
	if err != nil {
		t.Fatal(err)
	}
	url := natstest.RunServer(t, &server.Options{
		TLS: true, TLSVerify: true, TLSTimeout: 10,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert},
	})
	caFile, cert, key := writeFile(t, "ca", ca.CertPEM), writeFile(t, "cert", client.CertPEM), writeFile(t, "key", client.KeyPEM)
	for name, c := range map[string]struct {
		tls  natsconn.TLS
		want string
	}{
		"all in order":               {natsconn.TLS{CA: caFile, Cert: cert, Key: key}, ""},
		"an unknown authority":       {natsconn.TLS{CA: writeFile(t, "ca", stranger.CertPEM), Cert: cert, Key: key}, "unknown authority"},
		"the system's authorities":   {natsconn.TLS{Cert: cert, Key: key}, "certificate"},
		"no client certificate":      {natsconn.TLS{CA: caFile}, "tls"},
		"a file without certificate": {natsconn.TLS{CA: key}, "holds no certificate"},
		"a missing file":             {natsconn.TLS{CA: filepath.Join(t.TempDir(), "none")}, "no such file"},
		"a key of another": {natsconn.TLS{CA: caFile, Cert: cert, Key: writeFile(t, "key", serverPair.KeyPEM)},
			"private key does not match"},
	} {
		cfg := config(url)
		cfg.TLS = c.tls
		check(t, name, connects(t, cfg), c.want)
	}
	cfg := config(url)
	cfg.TLS = natsconn.TLS{CA: caFile, Cert: cert, Key: key}
	sub := natstest.Subscribe(t, url, ">", nats.RootCAs(caFile), nats.ClientCert(cert, key))
	write(t, open(t, cfg), detections(0, 5))
	checkArrived(t, sub.Wait(5), detections(0, 5))
}
