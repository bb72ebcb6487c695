package policyfile

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// Bounds of what a file may hold, far beyond what a policy needs, so that no
// file costs more than reading it.
const (
	MaxFiles = 64      // read together
	MaxSize  = 2 << 20 // bytes of a file
	MaxDepth = 48      // how deep lists and mappings are nested
	MaxNodes = 400_000 // values of all files together, those that aliases repeat counted each time
	// MaxFaults is how many faults are listed; what comes after them is counted.
	MaxFaults = 500
)

type nodeKind uint8

const (
	scalar nodeKind = iota
	list
	object
	broken // told of already
)

// node is a value of a file, with its place. Aliases are followed and keys are
// known to be single.
type node struct {
	Place
	kind  nodeKind
	tag   string // of a scalar: !!str, !!int, ...
	text  string
	keys  []*node // of an object, beside its items
	items []*node
}

// get is an object's value of a key, with the key; nil if it has none.
func (n *node) get(key string) (k, v *node) {
	if n == nil || n.kind != object {
		return nil, nil
	}
	for i, k := range n.keys {
		if k.text == key {
			return k, n.items[i]
		}
	}
	return nil, nil
}

// what names a value in a sentence.
func (n *node) what() string {
	switch {
	case n.kind == object:
		return "a mapping"
	case n.kind == list:
		return "a list"
	case n.tag == "!!null":
		return "nothing"
	case n.tag == "!!str" || n.tag == "!!timestamp":
		return fmt.Sprintf("the text %q", shorten(n.text))
	}
	return shorten(n.text)
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "..."
	}
	return s
}

// json writes a value as JSON, for types that read theirs on their own.
func (n *node) json(to *strings.Builder) {
	switch n.kind {
	case object:
		to.WriteByte('{')
		for i, k := range n.keys {
			if i > 0 {
				to.WriteByte(',')
			}
			to.Write(quoted(k.text))
			to.WriteByte(':')
			n.items[i].json(to)
		}
		to.WriteByte('}')
	case list:
		to.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				to.WriteByte(',')
			}
			item.json(to)
		}
		to.WriteByte(']')
	case scalar:
		switch n.tag {
		case "!!null":
			to.WriteString("null")
		case "!!bool", "!!int", "!!float":
			if word := strings.ToLower(n.text); json.Valid([]byte(word)) {
				to.WriteString(word)
				return
			}
			fallthrough
		default:
			to.Write(quoted(n.text))
		}
	}
}

func quoted(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil { // a string can be marshalled, whatever it holds
		panic(err)
	}
	return b
}

// reader turns YAML into nodes and collects what is wrong with it.
type reader struct {
	file   string
	nodes  *int // of all files so far
	faults faultList
	full   bool   // there were too many nodes
	needs  string // what it holds at least; default: a policy's
}

func (r *reader) fault(at Place, format string, args ...any) {
	r.faults = append(r.faults, &Fault{Place: at, Problem: fmt.Sprintf(format, args...)})
}

// read is the root of a file, nil if it is not even YAML.
func (r *reader) read(data []byte) *node {
	whole := Place{File: r.file, Line: 1, Column: 1}
	if len(data) > MaxSize {
		r.fault(whole, "the file has more than %d bytes; split it, for example into a policy and a roster", MaxSize)
		return nil
	}
	limits := loaderlimits.New(loaderlimits.AliasNone(), loaderlimits.DepthFunc(func(depth int, _ *yaml.DepthContext) error {
		if depth > MaxDepth {
			return fmt.Errorf("lists and mappings are nested more than %d deep; a policy does not need that", MaxDepth)
		}
		return nil
	}))
	var docs []*yaml.Node
	loader, err := yaml.NewLoader(strings.NewReader(string(data)), yaml.WithPlugin(limits), yaml.WithUniqueKeys(false))
	for err == nil && len(docs) < 2 {
		var doc yaml.Node
		if err = loader.Load(&doc); err == nil {
			docs = append(docs, &doc)
		}
	}
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		r.syntax(err, whole, data)
		return nil
	case len(docs) == 0 || len(docs[0].Content) == 0:
		r.fault(whole, "the file is empty; %s", cmp.Or(r.needs, "a policy needs at least default and sink"))
		return nil
	case len(docs) > 1:
		r.fault(Place{r.file, docs[1].Line, docs[1].Column}, "a second document begins here; put it into a file of its own, and name both files")
		return nil
	}
	n := r.convert(docs[0].Content[0], 0, nil)
	if n != nil && n.kind != object {
		r.fault(n.Place, "the file is %s; write keys such as default, rules and sink, each with a colon and its value", n.what())
		return nil
	}
	return n
}

// syntax is what the parser has to say of a text that is no YAML.
func (r *reader) syntax(err error, at Place, data []byte) {
	problem := err.Error()
	if e, ok := errors.AsType[*yaml.LoadError](err); ok {
		problem = e.Message
		if e.ContextMsg != "" {
			problem = e.ContextMsg + ": " + problem
		}
		if e.Mark.Line > 0 {
			at.Line, at.Column = e.Mark.Line, max(1, e.Mark.Column)
		} else if line, column, ok := oddByte(data); ok {
			at.Line, at.Column = line, column
		}
	}
	hint := "look for a missing quote, bracket or colon, or wrong indentation"
	switch {
	case strings.Contains(problem, "nested more than"):
		r.fault(at, "%s", problem)
		return
	case strings.Contains(problem, "cannot start any token"):
		hint = "indent with blanks rather than tabs, and put quotes around a text that begins with a sign such as @ or %"
	case strings.Contains(problem, "mapping values are not allowed"):
		hint = "put quotes around a text with a colon and a blank in it, and begin each key in the column of those beside it"
	case strings.Contains(problem, "unknown anchor"):
		hint = "put quotes around a text that begins with *, or declare the anchor above"
	case strings.Contains(problem, "control characters"), strings.Contains(problem, "UTF-8"):
		hint = "save the file as plain text in UTF-8"
	}
	r.fault(at, "not YAML: %s; %s", problem, hint)
}

// oddByte is the place of the first byte that no YAML has: a control character,
// or one that is not UTF-8.
func oddByte(data []byte) (line, column int, ok bool) {
	line, column = 1, 0
	for _, c := range string(data) {
		column++
		switch {
		case c == '\n':
			line, column = line+1, 0
		case c < ' ' && c != '\t' && c != '\r', c == 0x7f, c == 0xfffd:
			return line, column, true
		}
	}
	return 0, 0, false
}

// convert follows aliases, counts, and refuses what a policy file does not have;
// what is refused comes back as broken. It is nil once there are too many nodes.
func (r *reader) convert(y *yaml.Node, depth int, within []*yaml.Node) *node {
	n := &node{Place: Place{r.file, y.Line, y.Column}}
	if *r.nodes++; *r.nodes > MaxNodes {
		if !r.full {
			r.fault(n.Place, "there are more than %d values up to here, with those that aliases repeat; split the roster off, or use fewer aliases", MaxNodes)
		}
		r.full = true
		return nil
	}
	refuse := func(format string, args ...any) *node {
		r.fault(n.Place, format, args...)
		return &node{Place: n.Place, kind: broken}
	}
	if depth > MaxDepth {
		return refuse("lists and mappings are nested more than %d deep; a policy does not need that", MaxDepth)
	}
	switch y.Kind {
	case yaml.AliasNode:
		if slices.Contains(within, y.Alias) {
			return refuse("*%s stands within what it repeats; it would have no end", y.Value)
		}
		c := r.convert(y.Alias, depth+1, within)
		if c != nil {
			c.Place = n.Place // a fault is told where it is used, and within it where it was written
		}
		return c
	case yaml.ScalarNode:
		n.tag, n.text = y.ShortTag(), y.Value
		switch n.tag {
		case "!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp":
		case "!!merge":
			n.tag = "!!str"
		default:
			return refuse("the tag %s has no meaning here; remove it", n.tag)
		}
		if y.Style&yaml.TaggedStyle != 0 {
			return refuse("the tag %s is not needed; remove it, and put quotes around a text that looks like something else", n.tag)
		}
	case yaml.SequenceNode:
		n.kind = list
		within = append(within, y)
		for _, c := range y.Content {
			item := r.convert(c, depth+1, within)
			if item == nil {
				return nil
			}
			n.items = append(n.items, item)
		}
	case yaml.MappingNode:
		n.kind = object
		if !r.mapping(n, y, depth, append(within, y)) {
			return nil
		}
	default:
		return refuse("this is nothing that a policy file has; remove it")
	}
	return n
}

// mapping reads keys and values. It reports whether there was room for them.
func (r *reader) mapping(n *node, y *yaml.Node, depth int, within []*yaml.Node) bool {
	seen := map[string]*node{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		k := r.convert(y.Content[i], depth+1, within)
		if k == nil {
			return false
		}
		before := seen[k.text]
		switch {
		case k.kind == broken:
			continue
		case k.kind != scalar:
			r.fault(k.Place, "the key is %s; write a word", k.what())
			continue
		case y.Content[i].ShortTag() == "!!merge":
			r.fault(k.Place, "<< is not supported; a rule inherits from the rule around it, and an alias repeats a whole value")
			continue
		case k.tag != "!!str":
			r.fault(k.Place, "the key %s is no word; write one of the keys that the documentation names", k.what())
			continue
		case before != nil:
			r.fault(k.Place, "the key %q stands here a second time, after line %d; keep one of them", k.text, before.Line)
			continue
		}
		seen[k.text] = k
		v := r.convert(y.Content[i+1], depth+1, within)
		if v == nil {
			return false
		}
		n.keys, n.items = append(n.keys, k), append(n.items, v)
	}
	return true
}
