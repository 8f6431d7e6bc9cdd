package nats_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	natsgo "github.com/nats-io/nats.go"

	"ganglion/pipeline"
	"ganglion/pipeline/component"
	"ganglion/sinks/nats"
	"ganglion/sinks/nats/embedded"
)

// A subscriber in ten lines: connect, subscribe, read the record.
func Example_subscriber() {
	url, publish := pipelineOnNATS() // elsewhere: ganglion run configs/motion.yaml

	nc, err := natsgo.Connect(url)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer nc.Close()
	messages, _ := nc.SubscribeSync("ganglion.*.line_cross")
	_ = nc.Flush() // the server knows of the subscription now
	publish()
	msg, err := messages.NextMsg(natsgo.DefaultTimeout)
	if err != nil {
		fmt.Println(err)
		return
	}
	var d pipeline.Detection
	err = json.Unmarshal(msg.Data, &d)
	fmt.Println(msg.Subject, msg.Header.Get(nats.MsgIDHeader), d.T, d.Label, err)
	// Output: ganglion.left.line_cross left/3f2a9c41d07be586/0 40000 gate <nil>
}

// pipelineOnNATS stands for a running pipeline with an embedded server.
func pipelineOnNATS() (url string, publish func()) {
	log := slog.New(slog.DiscardHandler)
	cfg := nats.NewDefaultConfig()
	cfg.URL = nats.Embedded
	sink, err := nats.New(cfg, component.Env{Name: "left", Log: log})
	if err != nil {
		panic(err)
	}
	server, err := embedded.Acquire(embedded.Options{Listen: cfg.Listen, Log: log})
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if err := sink.Open(ctx, pipeline.StreamMeta{Name: "left"}); err != nil {
		panic(err)
	}
	return server.URL(), func() {
		err := sink.Write(ctx, []pipeline.Detection{{
			Stream: "left", SchemaVersion: pipeline.SchemaVersion, ConfigHash: "0123456789abcdef", Run: "3f2a9c41d07be586",
			TimeUnixUS: pipeline.NoTime,
			Kind:       pipeline.LineCross, T: 40_000, Label: "gate",
		}})
		if err != nil {
			panic(err)
		}
		_ = sink.Close(ctx)
		_ = server.Release(ctx)
	}
}
