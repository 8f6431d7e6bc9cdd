package pipeline

// DetectionSchema is the JSON Schema of the record that [Detection.AppendJSON]
// writes.
func DetectionSchema() map[string]any {
	properties := map[string]any{}
	var required []string
	for i := range fields {
		f := &fields[i]
		kind := map[string]any{"type": f.jsonType()}
		if f.null != nil {
			kind["type"] = []string{f.jsonType(), "null"}
		}
		kind["description"] = f.Doc
		if f.Unit != "" {
			kind["x-unit"] = f.Unit
		}
		properties[f.Name] = kind
		if f.Family == EveryRecord && f.only == nil {
			required = append(required, f.Name)
		}
	}
	return map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ganglion detection", "type": "object",
		"properties": properties, "required": required,
	}
}

// jsonType is the type of the field's values in JSON.
func (f *Field) jsonType() string {
	switch {
	case f.text != nil:
		return "string"
	case f.float != nil:
		return "number"
	}
	return "integer"
}
