#!/usr/bin/env bash
# Finding: what JetStream's duplicate window remembers depends on whether the server was
#   restarted. While it runs, ids outlive their messages: after a purge the same ids are
#   acknowledged as duplicates and nothing is stored. After a restart the ids are those of
#   the messages that are still stored: one that a limit has pushed out (here one message
#   a subject) is stored a second time, well within the window.
# Seen with: github.com/nats-io/nats-server/v2 v2.15.2, github.com/nats-io/nats.go v1.55.0
# Expected by most: the window is a time: an id published within it is refused, restart or
#   not, and an emptied stream takes everything.
# Matters to: whoever replays a recording into a stream. Purge and replay: every publish is
#   acknowledged, the stream stays empty. "Latest detection a camera" (one message a
#   subject) and a resend after the server came back: old detections appear as new.
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

func start(dir string) (*server.Server, nats.JetStreamContext) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: dir, NoSigs: true})
	check(err)
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		log.Fatal("the server does not start")
	}
	nc, err := nats.Connect(s.ClientURL())
	check(err)
	js, err := nc.JetStream()
	check(err)
	return s, js
}

// publish sends the ids and returns which were taken for duplicates.
func publish(js nats.JetStreamContext, ids ...string) []bool {
	var duplicate []bool
	for _, id := range ids {
		ack, err := js.Publish("camera.hall", []byte(id), nats.MsgId(id))
		check(err)
		duplicate = append(duplicate, ack.Duplicate)
	}
	return duplicate
}

func stored(js nats.JetStreamContext) uint64 {
	info, err := js.StreamInfo("CAMERAS")
	check(err)
	return info.State.Msgs
}

func main() {
	s, js := start(os.Args[1])
	_, err := js.AddStream(&nats.StreamConfig{Name: "CAMERAS", Subjects: []string{"camera.>"}, Duplicates: time.Hour, MaxMsgsPerSubject: 1})
	check(err)
	fmt.Println("first time    ", publish(js, "a1", "a2", "a3"), "duplicates, stored:", stored(js))
	check(js.PurgeStream("CAMERAS"))
	purged := fmt.Sprint(publish(js, "a1", "a2", "a3"), stored(js))
	fmt.Println("after a purge ", purged)
	publish(js, "b1", "b2")
	before := fmt.Sprint(publish(js, "b1", "b2"))
	fmt.Println("b1, b2 again  ", before)
	s.Shutdown()
	s.WaitForShutdown()
	s, js = start(os.Args[1])
	after := fmt.Sprint(publish(js, "b1", "b2"))
	fmt.Println("after restart ", after)
	s.Shutdown()
	if purged != "[true true true] 0" || before != "[true true]" || after != "[false true]" {
		fmt.Println("CHANGED: want all taken for duplicates and none stored after the purge; b1 forgotten by the restart")
		os.Exit(1)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/nats-io/nats-server/v2@v2.15.2 github.com/nats-io/nats.go@v1.55.0 >/dev/null 2>&1
go mod tidy >/dev/null 2>&1
go run . "$dir/store"
