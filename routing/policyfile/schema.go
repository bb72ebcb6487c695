package policyfile

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// SchemaID and ScenarioSchemaID are the schemas' names, for an editor's settings.
const (
	SchemaID         = "https://github.com/answerable-go/answerable/routing/policyfile/policy.schema.json"
	ScenarioSchemaID = "https://github.com/answerable-go/answerable/routing/policyfile/scenario.schema.json"
)

// Schema returns the JSON Schema (draft 7) of policy files. Editors use it to
// complete and explain keys and to underline mistakes. It is made of the Go
// types that [Load] reads into, so Load refuses every file that the schema
// refuses. What Load refuses beyond that is a matter of meaning, such as a
// calendar that is not declared.
//
// Two rules are known to the loader only: that a key may not be given twice,
// and that 1.0 is no whole number.
func Schema() []byte {
	return schemaOf(reflect.TypeFor[document](), SchemaID, "An answerable policy")
}

// ScenarioSchema returns the JSON Schema (draft 7) of the scenario files that
// [LoadScenario] reads.
func ScenarioSchema() []byte {
	return schemaOf(reflect.TypeFor[scenarioDocument](), ScenarioSchemaID, "A scenario for an answerable policy")
}

func schemaOf(t reflect.Type, id, title string) []byte {
	m := schemaMaker{defs: map[string]*schema{}}
	root := m.object(t)
	root.Schema, root.ID, root.Title = "http://json-schema.org/draft-07/schema#", id, title
	root.Definitions = m.defs
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil { // it holds nothing that cannot be marshalled
		panic(fmt.Sprintf("policyfile: schema: %v", err))
	}
	return out.Bytes()
}

// schema is what of JSON Schema is used here.
type schema struct {
	Schema      string             `json:"$schema,omitempty"`
	ID          string             `json:"$id,omitempty"`
	Ref         string             `json:"$ref,omitempty"`
	Title       string             `json:"title,omitempty"`
	Description string             `json:"description,omitempty"`
	Type        string             `json:"type,omitempty"`
	Enum        []string           `json:"enum,omitempty"`
	AnyOf       []*schema          `json:"anyOf,omitempty"`
	AllOf       []*schema          `json:"allOf,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	Examples    []string           `json:"examples,omitempty"`
	Minimum     *int               `json:"minimum,omitempty"`
	Items       *schema            `json:"items,omitempty"`
	Properties  *properties        `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Additional  any                `json:"additionalProperties,omitempty"`
	Definitions map[string]*schema `json:"definitions,omitempty"`
}

// closed is additionalProperties: false, which omitempty would leave out.
type closed struct{}

func (closed) MarshalJSON() ([]byte, error) { return []byte("false"), nil }

// properties keep the order of the Go fields.
type properties struct {
	names   []string
	schemas []*schema
}

func (p *properties) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, n := range p.names {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(quoted(n))
		out.WriteByte(':')
		b, err := json.Marshal(p.schemas[i])
		if err != nil {
			return nil, err
		}
		out.Write(b)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// texts that types read themselves: what they take, and examples of it.
var textForms = map[reflect.Type]schema{
	reflect.TypeFor[sla.Duration](): {
		Pattern:  `^[+-]?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`,
		Examples: []string{"30m", "4h", "1h30m"},
	},
	reflect.TypeFor[sla.TimeOfDay](): {
		Pattern:  `^(([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?|24:00(:00)?)$`,
		Examples: []string{"09:00", "17:30", "24:00"},
	},
	reflect.TypeFor[sla.Date](): {
		Pattern:  `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`,
		Examples: []string{"2026-12-25"},
	},
	reflect.TypeFor[time.Time](): {
		Pattern:  `^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.,][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$`,
		Examples: []string{"2026-12-25T09:00:00+01:00"},
	},
}

type schemaMaker struct {
	defs map[string]*schema
}

// of is the schema of a type. Structs are told once, among the definitions.
func (m *schemaMaker) of(t reflect.Type) *schema {
	t = base(t)
	switch formOf(t) {
	case structForm:
		name := t.String()
		if _, ok := m.defs[name]; !ok {
			m.defs[name] = &schema{} // so that a type may hold itself
			*m.defs[name] = *m.object(t)
		}
		return &schema{Ref: "#/definitions/" + name}
	case textForm:
		s := textForms[t]
		s.Type = "string"
		return &s
	case stringForm:
		if known, ok := words[t]; ok {
			return &schema{Type: "string", Enum: known}
		}
		if known, ok := usual[t]; ok {
			return &schema{AnyOf: []*schema{{Type: "string", Enum: known}, {Type: "string"}}}
		}
		return &schema{Type: "string"}
	case boolForm:
		return &schema{Type: "boolean"}
	case intForm:
		s := &schema{Type: "integer"}
		if t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64 {
			s.Minimum = new(int)
		}
		return s
	case floatForm:
		return &schema{Type: "number"}
	case listForm:
		return &schema{Type: "array", Items: m.of(t.Elem())}
	case mapForm:
		return &schema{Type: "object", Additional: m.of(t.Elem())}
	case namesForm:
		return &schema{AnyOf: names()}
	case policyForm:
		return &schema{AnyOf: append(names(), m.of(reflect.TypeFor[routing.Policy]()))}
	}
	return &schema{}
}

// names are the two ways to name files.
func names() []*schema {
	return []*schema{{Type: "string"}, {Type: "array", Items: &schema{Type: "string"}}}
}

func (m *schemaMaker) object(t reflect.Type) *schema {
	s := &schema{Type: "object", Properties: &properties{}, Additional: closed{}}
	for _, f := range fields(t) {
		p := m.of(f.typ)
		if f.words != nil {
			p = &schema{Type: "string", Enum: f.words}
		}
		if text := description(t, f); text != "" {
			if p.Ref != "" {
				p = &schema{AllOf: []*schema{p}} // what stands beside a reference does not count
			}
			p.Description = text
		}
		s.Properties.names = append(s.Properties.names, f.name)
		s.Properties.schemas = append(s.Properties.schemas, p)
		if f.required {
			s.Required = append(s.Required, f.name)
		}
	}
	return s
}

//go:embed descriptions.json
var describedJSON []byte

// described are the comments of the Go fields, by "routing.Rule.Match". They are
// for reading only: a field without one has no description.
var described = sync.OnceValue(func() map[string]string {
	var out map[string]string
	if err := json.Unmarshal(describedJSON, &out); err != nil {
		panic(fmt.Sprintf("policyfile: descriptions: %v", err))
	}
	return out
})

// description is the comment of the Go field behind a key.
func description(t reflect.Type, f field) string {
	if f.index == nil {
		return described()[t.String()+"."+strings.ToUpper(f.name[:1])+f.name[1:]]
	}
	for _, i := range f.index[:len(f.index)-1] {
		t = base(t.Field(i).Type)
	}
	return described()[t.String()+"."+t.Field(f.index[len(f.index)-1]).Name]
}
