#!/usr/bin/env bash
# Finding: a core NATS subscriber of a stream's subjects receives every message of a
#   JetStream atomic batch at once, also of a batch that the stream then refuses as a
#   whole. The stream stays empty, the subscriber has acted on what never happened.
# Seen with: github.com/nats-io/nats-server/v2 v2.15.2, github.com/nats-io/nats.go v1.55.0
# Expected by most: "all or nothing" holds for whoever listens: what is not committed
#   is not seen, as the rows of a transaction that is rolled back are not.
# Matters to: anyone who commits detections and a checkpoint in one batch, fenced by an
#   expected sequence, while dashboards listen to the same subjects with a plain
#   subscription: a fenced zombie's detections reach the dashboard all the same.
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
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
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
	_, err = nc.Request("$JS.API.STREAM.CREATE.DET", []byte(`{"name":"DET","subjects":["det.>"],"allow_atomic":true}`), 5*time.Second)
	check(err)
	seen, err := nc.SubscribeSync("det.>")
	check(err)
	check(nc.Flush())

	// Three messages; the first expects a sequence that its subject does not have.
	for i := 1; i <= 3; i++ {
		m := nats.NewMsg("det.a")
		m.Data = []byte(fmt.Sprint("detection ", i))
		m.Header.Set("Nats-Batch-Id", "b1")
		m.Header.Set("Nats-Batch-Sequence", fmt.Sprint(i))
		if i == 1 {
			m.Header.Set("Nats-Expected-Last-Subject-Sequence", "7")
		}
		if i < 3 {
			m.Reply = nats.NewInbox()
			check(nc.PublishMsg(m))
			continue
		}
		m.Header.Set("Nats-Batch-Commit", "1")
		answer, err := nc.RequestMsg(m, 5*time.Second)
		check(err)
		fmt.Printf("commit answered: %s\n", answer.Data)
	}
	got := 0
	for {
		m, err := seen.NextMsg(500 * time.Millisecond)
		if err != nil {
			break
		}
		got++
		fmt.Printf("the core subscriber got: %s\n", m.Data)
	}
	js, err := nc.JetStream()
	check(err)
	info, err := js.StreamInfo("DET")
	check(err)
	fmt.Printf("messages in the stream: %d, seen by the subscriber: %d\n", info.State.Msgs, got)
	if info.State.Msgs != 0 || got != 3 {
		fmt.Println("CHANGED: want 0 stored and 3 seen")
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/nats-io/nats-server/v2@v2.15.2 github.com/nats-io/nats.go@v1.55.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
go run . "$dir/store"
