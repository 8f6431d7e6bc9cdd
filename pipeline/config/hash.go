package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"ganglion/pipeline/component"
)

// hash identifies the configuration of encoder, network and readout: the first
// 16 hexadecimal digits of the SHA-256 of one line per value, defaults filled
// in, in the order of the declarations. What cannot change detections of a
// given input stays out: the source, sinks and other sections; counts such as
// the number of shards, which the determinism promise makes irrelevant; and
// secrets.
func hash(p *Pipeline) string {
	var b strings.Builder
	for _, part := range []Part{p.Encoder, p.Network, p.Readout} {
		fmt.Fprintf(&b, "%s=%s\n", part.Spec.Kind, part.Spec.Name)
		for _, leaf := range part.Written {
			if leaf.Type != component.TypeCount && leaf.Type != component.TypeSecret {
				fmt.Fprintf(&b, "%s.%s=%s\n", part.Spec.Kind, leaf.ID, leaf.Text)
			}
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:8])
}
