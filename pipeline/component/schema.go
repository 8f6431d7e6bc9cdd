package component

import "strconv"

// Schema is a JSON Schema (draft 2020-12) as a tree for json.Marshal.
type Schema map[string]any

// SchemaDialect is the $schema of every schema here.
const SchemaDialect = "https://json-schema.org/draft/2020-12/schema"

// durationPattern admits what time.ParseDuration admits.
const durationPattern = `^[-+]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`

// Schema describes the component's section of a pipeline config, its selector
// included.
func (s Spec) Schema() Schema {
	schema := FieldsSchema(s.Fields())
	selector := s.Kind.Selector()
	schema["properties"].(Schema)[selector] = Schema{"const": s.Name}
	required, _ := schema["required"].([]string)
	schema["required"] = append([]string{selector}, required...)
	schema["title"] = string(s.Kind) + " " + s.Name
	schema["description"] = s.Summary
	return schema
}

// FieldsSchema describes a mapping that has these keys and no others.
func FieldsSchema(fields []Field) Schema {
	properties := Schema{}
	var required []string
	for _, f := range fields {
		properties[f.Key] = f.schema()
		if f.Was != "" {
			old := f.typeSchema()
			old["deprecated"], old["description"] = true, "An earlier name of "+f.Key+"."
			properties[f.Was] = old
		}
		if f.Required {
			required = append(required, f.Key)
		}
	}
	schema := Schema{"type": "object", "properties": properties, "additionalProperties": false}
	if required != nil {
		schema["required"] = required
	}
	return schema
}

// fromEnv is a value that the environment gives, whatever its type.
func fromEnv() Schema { return Schema{"type": "string", "pattern": `\$\{env:`} }

func (f Field) schema() Schema {
	schema := f.typeSchema()
	switch f.Type {
	case TypeBool, TypeInteger, TypeNumber, TypeDuration, TypeCount, TypeBytes:
		schema = Schema{"anyOf": []Schema{schema, fromEnv()}}
	}
	if f.Doc != "" {
		schema["description"] = f.Doc + " (" + f.Facts() + ")"
	}
	return schema
}

func (f Field) typeSchema() Schema {
	switch f.Type {
	case TypeBool:
		return Schema{"type": "boolean"}
	case TypeInteger:
		return f.bounded(Schema{"type": "integer"})
	case TypeNumber:
		return f.bounded(Schema{"type": "number"})
	case TypeDuration:
		return Schema{"type": "string", "pattern": durationPattern}
	case TypeCount:
		return Schema{"anyOf": []Schema{{"const": Auto.String()}, f.bounded(Schema{"type": "integer", "minimum": 1})}}
	case TypeBytes:
		return Schema{"anyOf": []Schema{{"type": "integer", "minimum": 0}, {"type": "string", "pattern": bytesPattern}}}
	case TypeSection:
		return FieldsSchema(f.Fields)
	case TypeList:
		return Schema{"type": "array", "items": f.Elem.schema()}
	}
	schema := Schema{"type": "string"}
	if len(f.Enum) > 0 {
		schema["enum"] = f.Enum
	}
	return schema
}

func (f Field) bounded(schema Schema) Schema {
	if x, err := strconv.ParseFloat(f.Min, 64); err == nil {
		schema["minimum"] = x
	}
	if x, err := strconv.ParseFloat(f.Max, 64); err == nil {
		schema["maximum"] = x
	}
	return schema
}
