package nats

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"ganglion/sinks/nats/natstest"
)

func TestCertificatesAreChecked(t *testing.T) {
	ca := authority(t)
	serverPair := ca.issue(t, "server")
	client, stranger := ca.issue(t, "client"), authority(t)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.certPEM)
	pair, err := tls.X509KeyPair(serverPair.certPEM, serverPair.keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	url := runServer(t, &server.Options{
		TLS: true, TLSVerify: true, TLSTimeout: 10,
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert},
	})
	caFile, cert, key := writeFile(t, "ca", ca.certPEM), writeFile(t, "cert", client.certPEM), writeFile(t, "key", client.keyPEM)
	for name, c := range map[string]struct {
		tls  TLS
		want string
	}{
		"all in order":               {TLS{CA: caFile, Cert: cert, Key: key}, ""},
		"an unknown authority":       {TLS{CA: writeFile(t, "ca", stranger.certPEM), Cert: cert, Key: key}, "unknown authority"},
		"the system's authorities":   {TLS{Cert: cert, Key: key}, "certificate"},
		"no client certificate":      {TLS{CA: caFile}, "tls"},
		"a file without certificate": {TLS{CA: key}, "holds no certificate"},
		"a missing file":             {TLS{CA: filepath.Join(t.TempDir(), "none")}, "no such file"},
		"a key of another":           {TLS{CA: caFile, Cert: cert, Key: writeFile(t, "key", serverPair.keyPEM)}, "private key does not match"},
	} {
		cfg := config(url)
		cfg.TLS = c.tls
		check(t, name, connects(t, cfg), c.want)
	}
	cfg := config(url)
	cfg.TLS = TLS{CA: caFile, Cert: cert, Key: key}
	sub := natstest.Subscribe(t, url, ">", nats.RootCAs(caFile), nats.ClientCert(cert, key))
	write(t, open(t, cfg), detections(0, 5))
	checkArrived(t, sub.Wait(5), detections(0, 5))
}

// certificate is a certificate with its key, made for the test.
type certificate struct {
	cert            *x509.Certificate
	key             *ecdsa.PrivateKey
	certPEM, keyPEM []byte
}

func authority(t *testing.T) certificate {
	return certificate{}.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
}

func (ca certificate) issue(t *testing.T, name string) certificate {
	return ca.sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
}

// sign completes a template; the zero authority signs with the new key itself.
func (ca certificate) sign(t *testing.T, template *x509.Certificate) certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	if ca.cert == nil {
		ca.cert, ca.key = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, &key.PublicKey, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return certificate{
		cert, key,
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
	}
}
