package config

import (
	"reflect"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"ganglion/pipeline/component"
)

// decode fills a config struct, which holds its defaults, from a checked
// mapping. A new viper each time: nothing is shared between pipelines.
func decode(n *node, cfg any) error {
	v := viper.NewWithOptions(viper.KeyDelimiter("::")) // a dot in a key would cut it
	if err := v.MergeConfigMap(n.plain().(map[string]any)); err != nil {
		return err
	}
	return v.UnmarshalExact(cfg, strict)
}

// strict makes viper's decoder take values as they are: viper's own settings
// turn "12" into 12 and "a,b" into a list.
func strict(c *mapstructure.DecoderConfig) {
	c.TagName = "key"
	c.WeaklyTypedInput = false
	c.ZeroFields = true // a list replaces the default list and does not write into it
	c.DecodeHook = mapstructure.ComposeDecodeHookFunc(durationHook, countHook, bytesHook)
}

func durationHook(from, to reflect.Type, value any) (any, error) {
	if to != reflect.TypeFor[time.Duration]() || from.Kind() != reflect.String {
		return value, nil
	}
	return time.ParseDuration(value.(string))
}

func countHook(from, to reflect.Type, value any) (any, error) {
	if to != reflect.TypeFor[component.Count]() || from.Kind() != reflect.String {
		return value, nil
	}
	var c component.Count
	err := c.UnmarshalText([]byte(value.(string)))
	return c, err
}

func bytesHook(from, to reflect.Type, value any) (any, error) {
	if to != reflect.TypeFor[component.Bytes]() || from.Kind() != reflect.String {
		return value, nil
	}
	var b component.Bytes
	err := b.UnmarshalText([]byte(value.(string)))
	return b, err
}

// plain returns the value as maps, slices and scalars.
func (n *node) plain() any {
	switch n.kind {
	case mappingNode:
		m := make(map[string]any, len(n.entries))
		for _, e := range n.entries {
			m[e.key] = e.node.plain()
		}
		return m
	case listNode:
		s := make([]any, len(n.items))
		for i, item := range n.items {
			s[i] = item.plain()
		}
		return s
	}
	return n.value
}
