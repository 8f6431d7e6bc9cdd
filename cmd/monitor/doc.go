// Package monitor holds the commands that look at a running pipeline through its
// telemetry address: top shows what each stage does, tail tells what is detected.
package monitor

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
)

// defaultAddress is the one that docs/configuration.md gives telemetry.
const defaultAddress = "127.0.0.1:9464"

// addressFlag declares where the pipeline's telemetry listens.
func addressFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("address", defaultAddress, "`HOST:PORT` of the pipeline's telemetry (telemetry.listen)")
}

// get asks the telemetry of a running pipeline.
func get(ctx context.Context, address, path string) (io.ReadCloser, error) {
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(address, "/")+path, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("no pipeline answers: %w; does its configuration say telemetry: {listen: %q}?", err, defaultAddress)
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return nil, fmt.Errorf("%s%s: %s", address, path, answer.Status)
	}
	return answer.Body, nil
}
