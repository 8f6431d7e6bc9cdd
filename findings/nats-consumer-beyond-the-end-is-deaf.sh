#!/usr/bin/env bash
# Finding: a JetStream consumer that is to start behind the last message of a stream is
#   created without an error and hears nothing of what is published then, until the stream
#   has grown to that sequence: a resume position from before the stream was deleted and
#   made again makes a reader deaf for as many messages as the old stream had. Its own info
#   says that nothing is pending, while the stream fills.
# Seen with: github.com/nats-io/nats-server/v2 v2.15.2, github.com/nats-io/nats.go v1.55.0
# Expected by most: an error for a sequence that does not exist, or delivery of whatever
#   comes next, as a start time in the future of an empty stream would suggest.
# Matters to: whoever keeps "the next sequence" beside his own results and resumes from it
#   (sensor streams that are replayed from checkpoints): compare it with the stream's last
#   sequence, or with its time of creation, before a consumer is made.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"context"
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
	defer nc.Close()
	js, err := jetstream.New(nc)
	check(err)
	ctx := context.Background()
	config := jetstream.StreamConfig{Name: "CAMERAS", Subjects: []string{"camera.>"}}
	publish := func(n int) {
		for range n {
			_, err := js.Publish(ctx, "camera.hall", []byte("events"))
			check(err)
		}
	}

	_, err = js.CreateStream(ctx, config)
	check(err)
	publish(100)
	const next = 101 // where a reader of all of it resumes
	check(js.DeleteStream(ctx, "CAMERAS"))
	stream, err := js.CreateStream(ctx, config)
	check(err)

	c, err := stream.CreateConsumer(ctx, jetstream.ConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: next})
	fmt.Println("a consumer from message", next, "of a stream without messages, error:", err)
	check(err)
	heard := func() (n int, pending uint64) {
		batch, err := c.Fetch(200, jetstream.FetchMaxWait(time.Second))
		check(err)
		for m := range batch.Messages() {
			check(m.Ack())
			n++
		}
		info, err := c.Info(ctx)
		check(err)
		return n, info.NumPending
	}
	publish(100)
	first, pending := heard()
	fmt.Println("100 messages published,", first, "heard,", pending, "pending")
	publish(5)
	second, _ := heard()
	fmt.Println("5 more published,", second, "heard")
	if first != 0 || pending != 0 || second != 5 {
		fmt.Println("CHANGED: want 0 of 100 heard, 0 pending, and then all 5")
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/nats-io/nats-server/v2@v2.15.2 github.com/nats-io/nats.go@v1.55.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
go run . "$dir/store"
