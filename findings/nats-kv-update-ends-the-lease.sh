#!/usr/bin/env bash
# Finding: a key made with a time to live (KV Create with KeyTTL) and renewed with
#   Update never expires again: Update takes no TTL option, and the new revision has
#   none. A dead worker's lease stays for ever.
# Seen with: github.com/nats-io/nats-server/v2 v2.15.2, github.com/nats-io/nats.go v1.55.0
# Expected by most: the key keeps the time to live it was made with, or Update offers one.
# Matters to: whoever builds leases on NATS KV, to share cameras or microphones among
#   workers: fail-over works in the first test (the owner dies before it renews) and
#   never afterwards. A publish to $KV.BUCKET.KEY with an expected sequence and a
#   message TTL renews properly, which the last part shows.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: os.Args[1], NoSigs: true})
	check(err)
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		log.Fatal("the server does not start")
	}
	defer s.Shutdown()
	nc, err := nats.Connect(s.ClientURL())
	check(err)
	js, err := jetstream.New(nc)
	check(err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	kv, err := js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: "leases", History: 1, LimitMarkerTTL: time.Second})
	check(err)
	gone := func(key string) bool {
		_, err := kv.Get(ctx, key)
		return errors.Is(err, jetstream.ErrKeyNotFound)
	}
	_, err = kv.Create(ctx, "never-renewed", []byte("worker"), jetstream.KeyTTL(2*time.Second))
	check(err)
	updated, err := kv.Create(ctx, "by-update", []byte("worker"), jetstream.KeyTTL(2*time.Second))
	check(err)
	published, err := kv.Create(ctx, "by-publish", []byte("worker"), jetstream.KeyTTL(2*time.Second))
	check(err)
	_, err = kv.Update(ctx, "by-update", []byte("worker"), updated)
	check(err)
	_, err = js.Publish(ctx, "$KV.leases.by-publish", []byte("worker"),
		jetstream.WithExpectLastSequencePerSubject(published), jetstream.WithMsgTTL(2*time.Second))
	check(err)
	time.Sleep(8 * time.Second)
	never, update, publish := gone("never-renewed"), gone("by-update"), gone("by-publish")
	fmt.Printf("8 s later, leases of 2 s that are gone: never renewed %t, renewed by Update %t, renewed by Publish with a TTL %t\n", never, update, publish)
	if !never || update || !publish {
		fmt.Println("CHANGED: want true, false, true")
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/nats-io/nats-server/v2@v2.15.2 github.com/nats-io/nats.go@v1.55.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
go run . "$dir/store"
