package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// The part of CycloneDX 1.6 (ECMA-424) that a bill of materials of Go modules
// needs.
type (
	bom struct {
		Schema       string       `json:"$schema"`
		Format       string       `json:"bomFormat"`
		Spec         string       `json:"specVersion"`
		Serial       string       `json:"serialNumber"`
		Version      int          `json:"version"`
		Metadata     metadata     `json:"metadata"`
		Components   []component  `json:"components"`
		Dependencies []dependency `json:"dependencies"`
	}
	metadata struct {
		Component component `json:"component"`
	}
	component struct {
		Type       string     `json:"type"`
		Ref        string     `json:"bom-ref"`
		Name       string     `json:"name"`
		Version    string     `json:"version"`
		Scope      string     `json:"scope,omitempty"`
		PURL       string     `json:"purl"`
		Licences   []choice   `json:"licenses,omitempty"`
		Properties []property `json:"properties,omitempty"`
	}
	choice struct {
		Licence named `json:"license"`
	}
	named struct {
		ID   string `json:"id,omitempty"`
		Name string `json:"name,omitempty"`
	}
	property struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	dependency struct {
		Ref string   `json:"ref"`
		On  []string `json:"dependsOn,omitempty"`
	}
)

// bill is the bill of materials. Its serial number follows from its content, and
// it has no date, so that it can be made again.
func bill(version string, modules []module, texts map[module]licence) ([]byte, error) {
	self := component{Type: "application", Name: "ganglion", Version: version, Licences: []choice{{named{ID: "Apache-2.0"}}}}
	self.PURL = "pkg:golang/ganglion@" + url.PathEscape(version)
	self.Ref = self.PURL
	b := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1,
		Metadata: metadata{self},
	}
	all := dependency{Ref: self.Ref}
	for _, m := range modules {
		l := texts[m]
		if m.own() {
			m.version = version
		}
		c := component{Type: "library", Name: m.path, Version: m.version, Scope: "required", PURL: purl(m)}
		c.Ref = c.PURL
		if l.id != "" {
			c.Licences = []choice{{named{ID: l.id}}}
		} else {
			c.Licences = []choice{{named{Name: "see THIRD_PARTY_LICENSES"}}}
		}
		if m.sum != "" {
			c.Properties = []property{{"go:sum", m.sum}}
		}
		b.Components = append(b.Components, c)
		all.On = append(all.On, c.Ref)
	}
	b.Dependencies = []dependency{all}
	text, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	h := sha256.Sum256(text)
	h[6], h[8] = h[6]&0x0f|0x80, h[8]&0x3f|0x80 // a UUID of version 8 (RFC 9562)
	b.Serial = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", h[:4], h[4:6], h[6:8], h[8:10], h[10:16])
	return json.MarshalIndent(b, "", "  ")
}

// purl is the package URL of a module.
func purl(m module) string {
	version := m.version
	if m.path == standard && len(version) > 2 {
		version = version[2:] // go1.26.0
	}
	if m.own() {
		return "pkg:golang/" + project + "@" + url.PathEscape(version) + "#" + strings.TrimPrefix(m.path, project+"/")
	}
	return "pkg:golang/" + m.path + "@" + url.PathEscape(version)
}
