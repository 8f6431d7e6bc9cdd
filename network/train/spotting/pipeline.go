package spotting

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"ganglion/encoders/cochlea"
	"ganglion/pipeline/component"
)

// Pipeline is a configuration that hears a word on standard input with a model,
// which lies beside it, and names itself in a comment.
func (r *Recipe) Pipeline(word, model, profile, itself string) (string, error) {
	encoder, err := changedSettings(&r.Encoder)
	step := r.Training.Step
	return fmt.Sprintf(`# Hears %[1]q. A microphone:
# arecord -q -t wav -f S16_LE -r 16000 -c 1 | ganglion run %[2]s
name: %[1]s
source:   {type: audio, path: "-", rate: %[3]d}
encoder:
  type: cochlea
%[4]snetwork:  {model: nir, path: %[5]s, profile: %[6]s, step: %[7]v, dt: %[7]v, shards: 1}
readout:  {type: keyword, model: %[5]s}
sinks:
  - {type: jsonl, path: "-"}
`, word, itself, r.Rate, encoder, model, profile, step), err
}

// changedSettings are the settings of an encoder that are not the defaults, as
// YAML lines within its section.
func changedSettings(c *cochlea.Config) (string, error) {
	defaults := cochlea.NewDefaultConfig()
	usual := component.Leaves(&defaults)
	tree := map[string]any{}
	for i, l := range component.Leaves(c) {
		if l.Text == usual[i].Text {
			continue
		}
		at := tree
		keys := strings.Split(l.Path, ".")
		for _, k := range keys[:len(keys)-1] {
			if at[k] == nil {
				at[k] = map[string]any{}
			}
			at = at[k].(map[string]any)
		}
		var v any
		if err := yaml.Unmarshal([]byte(l.Text), &v); err != nil {
			return "", err
		}
		at[keys[len(keys)-1]] = v
	}
	if len(tree) == 0 {
		return "", nil
	}
	b, err := yaml.Marshal(tree)
	return "  " + strings.ReplaceAll(strings.TrimSuffix(string(b), "\n"), "\n", "\n  ") + "\n", err
}
