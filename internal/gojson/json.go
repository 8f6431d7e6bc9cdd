// Package json is encoding/json under the name of github.com/goccy/go-json, which
// Arrow's library asks for: all that its package internal/json uses, and no more.
// go.mod puts this module in that one's place (docs/decisions.md).
package json

import (
	"encoding/json"
	"io"
)

// The types that Arrow names.
type (
	Decoder            = json.Decoder
	Encoder            = json.Encoder
	Marshaler          = json.Marshaler
	Delim              = json.Delim
	UnmarshalTypeError = json.UnmarshalTypeError
	Number             = json.Number
	Unmarshaler        = json.Unmarshaler
	RawMessage         = json.RawMessage
)

// Marshal is encoding/json's.
func Marshal(v any) ([]byte, error) { return json.Marshal(v) }

// Unmarshal is encoding/json's.
func Unmarshal(data []byte, v any) error { return json.Unmarshal(data, v) }

// NewDecoder is encoding/json's.
func NewDecoder(r io.Reader) *Decoder { return json.NewDecoder(r) }

// NewEncoder is encoding/json's.
func NewEncoder(w io.Writer) *Encoder { return json.NewEncoder(w) }
