package policyfile

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
)

// shortLine is how long a mapping or list may be that is written on one line.
const shortLine = 96

// Marshal writes a policy and a roster as a file that [Load] reads back as the
// same policy and roster. What the Go types leave out of their JSON is left
// out; small mappings and lists stand on one line.
//
// It does not check whether the policy is sound. It fails for values that no
// file can hold, such as a day that does not exist or bytes that are no text.
func Marshal(p routing.Policy, roster []inquiry.Owner) ([]byte, error) {
	n, err := encode(reflect.ValueOf(document{p, roster}), "")
	if err != nil {
		return nil, fmt.Errorf("policyfile: %w", err)
	}
	text, err := yaml.Dump(n, dumping())
	if err != nil {
		return nil, fmt.Errorf("policyfile: %w", err)
	}
	return text, nil
}

// dumping is how files are written. The options are made for every file: those of
// the library write to what they hold when they are applied, so that two files
// written at once cannot share them.
func dumping() yaml.Option {
	return yaml.Options(
		yaml.WithIndent(2), yaml.WithCompactSeqIndent(false), yaml.WithLineWidth(-1), yaml.WithQuotePreference(yaml.QuoteDouble),
	)
}

// encode is a value as YAML.
func encode(v reflect.Value, path string) (*yaml.Node, error) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
		}
		v = v.Elem()
	}
	t := v.Type()
	f := formOf(t)
	switch {
	case f == textForm && t.Implements(textWriter):
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText() //nolint:forcetypeassert // it was asked above
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		return quotable(string(text), path)
	case f == anyForm, t.Implements(jsonWriter):
		return encodeJSON(v, path)
	}
	switch f {
	case stringForm:
		return quotable(v.String(), path)
	case boolForm:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: strconv.FormatBool(v.Bool())}, nil
	case listForm:
		return encodeList(v, path)
	case mapForm:
		return encodeMap(v, path)
	case structForm:
		return encodeStruct(v, path)
	}
	return encodeJSON(v, path)
}

// quotable is a scalar that is read back as a text, in quotes where it must be.
func quotable(s, path string) (*yaml.Node, error) {
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("%s: %q is not UTF-8", path, s)
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}, nil
}

func encodeStruct(v reflect.Value, path string) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, f := range fields(v.Type()) {
		item := v.FieldByIndex(f.index)
		if item.Kind() == reflect.Pointer && item.IsNil() || f.omit == "omitempty" && isEmpty(item) || f.omit == "omitzero" && isZero(item) {
			continue
		}
		c, err := encode(item, under(path, f.name))
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: f.name}, c)
	}
	return short(n), nil
}

// isEmpty and isZero are what omitempty and omitzero mean in encoding/json.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map, reflect.String, reflect.Array:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

func isZero(v reflect.Value) bool {
	if z, ok := reflect.TypeAssert[interface{ IsZero() bool }](v); ok {
		return z.IsZero()
	}
	return v.IsZero()
}

func encodeList(v reflect.Value, path string) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for i := range v.Len() {
		c, err := encode(v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, c)
	}
	return short(n), nil
}

func encodeMap(v reflect.Value, path string) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return bytes.Compare([]byte(a.String()), []byte(b.String())) })
	for _, k := range keys {
		key, err := quotable(k.String(), path)
		if err != nil {
			return nil, err
		}
		c, err := encode(v.MapIndex(k), under(path, k.String()))
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, key, c)
	}
	return short(n), nil
}

// encodeJSON writes what a type makes of itself as JSON, which is YAML.
func encodeJSON(v reflect.Value, path string) (*yaml.Node, error) {
	raw, err := json.Marshal(v.Interface())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var doc yaml.Node
	if err := yaml.Load(raw, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return restyle(doc.Content[0], path)
}

func restyle(n *yaml.Node, path string) (*yaml.Node, error) {
	if n.Kind == yaml.ScalarNode {
		if n.Style&yaml.DoubleQuotedStyle != 0 {
			return quotable(n.Value, path)
		}
		return n, nil
	}
	n.Style = 0
	for i, c := range n.Content {
		c, err := restyle(c, path)
		if err != nil {
			return nil, err
		}
		n.Content[i] = c
	}
	return short(n), nil
}

// short puts a small mapping or list on one line, unless it is a list of several
// mappings, or too deep to be read at a glance.
func short(n *yaml.Node) *yaml.Node {
	length, ok := 0, true
	for i, c := range n.Content {
		switch {
		case c.Kind == yaml.ScalarNode:
			length += len(c.Value) + 2
		case c.Style&yaml.FlowStyle == 0, depth(c) > 1, len(c.Content) > 0 && n.Kind == yaml.SequenceNode && i > 0:
			ok = false
		default:
			length += width(c) + 2
		}
	}
	if ok && length <= shortLine {
		n.Style |= yaml.FlowStyle
	}
	return n
}

func depth(n *yaml.Node) int {
	d := 0
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode {
			d = max(d, depth(c))
		}
	}
	return d + 1
}

func width(n *yaml.Node) int {
	w := len(n.Value) + 2
	for _, c := range n.Content {
		w += width(c)
	}
	return w
}
