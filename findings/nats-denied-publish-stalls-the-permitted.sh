#!/usr/bin/env bash
# Finding: a message that nats.go publishes asynchronously to a JetStream subject it is
#   not permitted to use gets neither an acknowledgement nor an error: its future waits
#   for ever, and counts as pending. Once as many of them wait as may be pending, every
#   later publish waits 200 ms and is refused as stalled, also to subjects that are
#   permitted and would be answered at once. Only the connection's error handler hears.
# Seen with: github.com/nats-io/nats-server/v2 v2.15.2, github.com/nats-io/nats.go v1.55.0
# Expected by most: the future of a denied message fails with the permissions violation,
#   or at least a subject that is denied holds up no other.
# Matters to: anyone whose detections go to one subject a kind: an account that lacks one
#   kind stops the permitted kinds too, thousands of messages after the start, and the
#   error that the publishing code sees speaks of a stall and not of permissions.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"
	"os"
	"sync/atomic"
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
	const most = 64 // that may be pending
	camera := &server.User{Username: "camera", Password: "camera", Permissions: &server.Permissions{
		Publish: &server.SubjectPermission{Allow: []string{"det.motion", "$JS.API.>"}},
	}}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: os.Args[1], NoSigs: true,
		Users: []*server.User{camera}})
	check(err)
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		log.Fatal("the server does not start")
	}
	defer s.Shutdown()
	var told atomic.Int64
	nc, err := nats.Connect(s.ClientURL(), nats.UserInfo("camera", "camera"),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) { told.Add(1) }))
	check(err)
	_, err = nc.Request("$JS.API.STREAM.CREATE.DET", []byte(`{"name":"DET","subjects":["det.>"]}`), 5*time.Second)
	check(err)
	js, err := jetstream.New(nc, jetstream.WithPublishAsyncMaxPending(most))
	check(err)
	permitted := func() time.Duration {
		begin := time.Now()
		f, err := js.PublishAsync("det.motion", []byte("permitted"))
		took := time.Since(begin)
		check(err)
		<-f.Ok()
		return took
	}
	fmt.Printf("a permitted publish takes %v\n", permitted())
	var denied []jetstream.PubAckFuture
	for range most + 1 {
		f, err := js.PublishAsync("det.keyword", []byte("denied"))
		if err != nil {
			fmt.Println("a denied one is refused by the client:", err)
			break
		}
		denied = append(denied, f)
	}
	check(nc.Flush())
	time.Sleep(time.Second)
	answered := 0
	for _, f := range denied {
		select {
		case <-f.Ok():
			answered++
		case <-f.Err():
			answered++
		default:
		}
	}
	fmt.Printf("%d denied, %d of their futures answered, %d pending, the connection's handler told %d times\n",
		len(denied), answered, js.PublishAsyncPending(), told.Load())
	begin := time.Now()
	_, err = js.PublishAsync("det.motion", []byte("permitted"))
	took := time.Since(begin)
	fmt.Printf("a permitted publish now takes %v, error: %v\n", took.Round(time.Millisecond), err)
	if answered != 0 || told.Load() == 0 || took < 150*time.Millisecond {
		fmt.Println("CHANGED: want no answer, a word to the connection's handler, and a wait of 200 ms")
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/nats-io/nats-server/v2@v2.15.2 github.com/nats-io/nats.go@v1.55.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
go run . "$dir/store"
