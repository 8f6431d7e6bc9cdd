package config

import (
	"ganglion/pipeline"
	"ganglion/pipeline/component"
)

// Schema is the JSON Schema of one pipeline document.
func Schema(o Options) component.Schema {
	defs := component.Schema{}
	for _, s := range o.Table {
		schema := s.Schema()
		addSections(schema, o.sharedSections(s.Kind))
		defs[string(s.Kind)+"."+s.Name] = schema
	}
	properties := component.Schema{
		"name": component.Schema{"type": "string", "pattern": pipeline.NameForm,
			"description": "Names the pipeline; subjects and file names use it."},
	}
	for _, k := range component.Kinds() {
		properties[string(k)] = choice(o.Table.OfKind(k))
	}
	delete(properties, string(component.KindSink))
	properties["sinks"] = component.Schema{"type": "array", "items": choice(o.Table.OfKind(component.KindSink))}
	schema := component.Schema{
		"$schema":              component.SchemaDialect,
		"title":                "ganglion pipeline",
		"type":                 "object",
		"properties":           properties,
		"required":             []string{"name", "source", "encoder", "network", "readout"},
		"additionalProperties": false,
		"$defs":                defs,
	}
	addSections(schema, o.Sections)
	return schema
}

func addSections(schema component.Schema, sections []Section) {
	properties := schema["properties"].(component.Schema)
	for _, s := range sections {
		section := component.FieldsSchema(s.field().Fields)
		section["description"] = s.Summary
		properties[s.Key] = section
		if s.short != "" {
			properties[s.Key] = component.Schema{
				"description": s.Summary,
				"anyOf":       []component.Schema{section, section["properties"].(component.Schema)[s.short].(component.Schema)},
			}
		}
	}
}

// choice admits the section of any one component of the table; the selector
// tells them apart.
func choice(table component.Table) component.Schema {
	refs := make([]component.Schema, len(table))
	for i, s := range table {
		refs[i] = component.Schema{"$ref": "#/$defs/" + string(s.Kind) + "." + s.Name}
	}
	return component.Schema{"oneOf": refs}
}
