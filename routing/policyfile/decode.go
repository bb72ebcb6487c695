package policyfile

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/answerable-go/answerable/internal/spelling"
	"github.com/answerable-go/answerable/routing"
)

// decoder fills Go values from nodes and goes on behind every fault.
type decoder struct {
	faults faultList
	// odd are the paths of what could not be read: what is said of it later, or
	// of what it is part of, only follows from that.
	odd []string
}

func (d *decoder) fault(at Place, path, format string, args ...any) {
	d.faults = append(d.faults, &Fault{Place: at, Path: path, Problem: fmt.Sprintf(format, args...)})
	d.odd = append(d.odd, path)
}

func under(path, key string) string {
	if path == "" {
		return key
	}
	return path + "/" + key
}

// name is the last part of a path, to speak of it.
func name(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		path = path[i+1:]
	}
	if path == "" {
		return "the file"
	}
	return path
}

// decode reads a node into a value that can be set.
func (d *decoder) decode(n *node, v reflect.Value, path string) {
	if n.kind == broken {
		d.odd = append(d.odd, path)
		return
	}
	for v.Kind() == reflect.Pointer {
		if n.kind == scalar && n.tag == "!!null" {
			break
		}
		p := reflect.New(v.Type().Elem())
		v.Set(p)
		v = p.Elem()
	}
	t := v.Type()
	f := formOf(base(t))
	if n.kind == scalar && n.tag == "!!null" {
		d.fault(n.Place, path, "there is nothing behind %s; write %s, or leave the key out", name(path), wanted(f))
		return
	}
	switch f {
	case structForm:
		d.object(n, v, path)
	case listForm:
		d.list(n, v, path)
	case mapForm:
		d.mapping(n, v, path)
	case anyForm:
		d.itself(n, v, path)
	case namesForm:
		d.names(n, v, path)
	case policyForm:
		d.policy(n, v.Addr().Interface().(*policyOrFiles), path) //nolint:forcetypeassert // the form says so
	default:
		d.scalar(n, v, path, f)
	}
}

func base(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

func wanted(f form) string {
	switch f {
	case structForm, mapForm:
		return "a mapping of keys and values"
	case listForm:
		return "a list, [] for an empty one"
	case boolForm:
		return "true or false"
	case intForm:
		return "a whole number"
	case floatForm:
		return "a number"
	case textForm, stringForm:
		return "a text"
	case namesForm:
		return "a file's name, or a list of them"
	case policyForm:
		return "a policy, or the name of its file"
	}
	return "a value"
}

func (d *decoder) scalar(n *node, v reflect.Value, path string, f form) {
	if n.kind != scalar {
		d.fault(n.Place, path, "%s is %s; write %s", name(path), n.what(), wanted(f))
		return
	}
	text := n.tag == "!!str" || n.tag == "!!timestamp"
	switch f {
	case textForm:
		err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(n.text)) //nolint:forcetypeassert // the form says so
		switch {
		case err != nil && v.Type() == reflect.TypeFor[time.Time](): // whose own words do not tell what to write
			d.fault(n.Place, path, "%s is %q; write a date, a time and the zone's offset, such as 2026-03-02T09:30:00+01:00", name(path), n.text)
		case err != nil:
			d.fault(n.Place, path, "%s", err)
		case !text:
			d.fault(n.Place, path, "%s is %s and has to be a text; put quotes around it: %q", name(path), n.what(), n.text)
		}
	case stringForm:
		if !text {
			d.fault(n.Place, path, "%s is %s and has to be a text; put quotes around it: %q", name(path), n.what(), n.text)
			return
		}
		v.SetString(n.text)
		if known, ok := words[v.Type()]; ok && !slices.Contains(known, n.text) {
			d.fault(n.Place, path, "there is no %s %q%s", name(path), n.text, oneOf(n.text, known))
		}
	case boolForm:
		if n.tag != "!!bool" || n.text != "true" && n.text != "false" {
			d.fault(n.Place, path, "%s is %s; write true or false", name(path), n.what())
			return
		}
		v.SetBool(n.text == "true")
	case intForm:
		d.integer(n, v, path)
	case floatForm:
		x, err := strconv.ParseFloat(n.text, 64)
		if n.tag != "!!int" && n.tag != "!!float" || err != nil || !json.Valid([]byte(n.text)) {
			d.fault(n.Place, path, "%s is %s; write a number such as 0.5", name(path), n.what())
			return
		}
		v.SetFloat(x)
	}
}

func (d *decoder) integer(n *node, v reflect.Value, path string) {
	digits := strings.Trim(strings.TrimPrefix(n.text, "-"), "0123456789") == ""
	if n.tag != "!!int" && n.tag != "!!float" || !digits || !json.Valid([]byte(n.text)) {
		d.fault(n.Place, path, "%s is %s; write a whole number, in digits only", name(path), n.what())
		return
	}
	bits := v.Type().Bits()
	if v.CanInt() {
		if x, err := strconv.ParseInt(n.text, 10, bits); err == nil {
			v.SetInt(x)
			return
		}
	} else if x, err := strconv.ParseUint(n.text, 10, bits); err == nil {
		v.SetUint(x)
		return
	}
	d.fault(n.Place, path, "%s is %s, which is out of range; write a number that makes sense", name(path), n.what())
}

func (d *decoder) list(n *node, v reflect.Value, path string) {
	if n.kind != list {
		hint := "write a list, with a dash before each item or in brackets"
		if n.kind == scalar {
			hint += fmt.Sprintf(": [%s]", shorten(n.text))
		}
		d.fault(n.Place, path, "%s is %s; %s", name(path), n.what(), hint)
		return
	}
	if v.Kind() == reflect.Array && v.Len() != len(n.items) {
		d.fault(n.Place, path, "%s has %d items; write %d", name(path), len(n.items), v.Len())
		return
	}
	if v.Kind() == reflect.Slice {
		v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	}
	for i, item := range n.items {
		d.decode(item, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
}

// names reads one file's name, or a list of them.
func (d *decoder) names(n *node, v reflect.Value, path string) {
	if n.kind == scalar {
		var one string
		d.scalar(n, reflect.ValueOf(&one).Elem(), path, stringForm)
		if !d.wrong(path) {
			v.Set(reflect.ValueOf(fileNames{one}))
		}
		return
	}
	d.list(n, v, path)
}

func (d *decoder) policy(n *node, p *policyOrFiles, path string) {
	if n.kind != object {
		d.names(n, reflect.ValueOf(&p.files).Elem(), path)
		return
	}
	p.whole = new(routing.Policy)
	d.decode(n, reflect.ValueOf(p.whole).Elem(), path)
}

func (d *decoder) mapping(n *node, v reflect.Value, path string) {
	if n.kind != object {
		d.fault(n.Place, path, "%s is %s; write %s", name(path), n.what(), wanted(mapForm))
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(n.keys))
	for i, k := range n.keys {
		item := reflect.New(v.Type().Elem()).Elem()
		d.decode(n.items[i], item, under(path, k.text))
		m.SetMapIndex(reflect.ValueOf(k.text).Convert(v.Type().Key()), item)
	}
	v.Set(m)
}

// object reads a struct. One that reads its JSON on its own is looked at key by
// key first, for the sake of the places, and then has the last word.
func (d *decoder) object(n *node, v reflect.Value, path string) {
	t := v.Type()
	if n.kind != object {
		d.fault(n.Place, path, "%s is %s; write %s", name(path), n.what(), wanted(structForm))
		return
	}
	before := len(d.odd)
	known := fields(t)
	for i, k := range n.keys {
		at := slices.IndexFunc(known, func(f field) bool { return f.name == k.text })
		if at < 0 {
			if at = d.unknown(n, k, known, path); at < 0 {
				continue
			}
			k.text = known[at].name // read on as what was probably meant
		}
		f := &known[at]
		to := reflect.New(f.typ).Elem()
		if f.index != nil {
			to = v.FieldByIndex(f.index)
		}
		d.decode(n.items[i], to, under(path, f.name))
		if f.words != nil && !d.wrong(under(path, f.name)) && !slices.Contains(f.words, to.String()) {
			d.fault(n.items[i].Place, under(path, f.name), "there is no %s %q%s", f.name, to.String(), oneOf(to.String(), f.words))
		}
	}
	for _, f := range known {
		if k, _ := n.get(f.name); k == nil && f.required && !d.wrong(under(path, f.name)) {
			d.fault(n.Place, under(path, f.name), "%s is missing%s; add it", f.name, within(path))
		}
	}
	switch {
	case !readsJSON(t):
	case len(d.odd) == before:
		d.itself(n, v, path)
	default:
		d.odd = append(d.odd, path) // it holds nothing
	}
}

// wrong reports whether a fault was told of a path.
func (d *decoder) wrong(path string) bool { return slices.Contains(d.odd, path) }

func within(path string) string {
	if path == "" {
		return ""
	}
	return " in " + name(path)
}

// unknown is a key that a struct does not have. The result is the one that was
// probably meant, -1 if there is none or it stands there as well.
func (d *decoder) unknown(n, k *node, known []field, path string) int {
	names := make([]string, len(known))
	for i, f := range known {
		names[i] = f.name
	}
	like := spelling.Nearest(k.text, names)
	if there, _ := n.get(like); like != "" && there == nil {
		d.faults = append(d.faults, &Fault{k.Place, under(path, like), fmt.Sprintf("there is no key %q%s; did you mean %q?", k.text, within(path), like)})
		return slices.Index(names, like)
	}
	sorted := slices.Sorted(slices.Values(names))
	d.fault(k.Place, under(path, "?"), "there is no key %q%s%s", k.text, within(path), oneOf(k.text, sorted))
	return -1
}

// itself lets a type, or else encoding/json, read a node on its own.
func (d *decoder) itself(n *node, v reflect.Value, path string) {
	var text strings.Builder
	n.json(&text)
	target := v.Addr().Interface()
	var err error
	if u, ok := target.(json.Unmarshaler); ok {
		err = u.UnmarshalJSON([]byte(text.String()))
	} else {
		err = json.Unmarshal([]byte(text.String()), target)
	}
	if err == nil {
		return
	}
	problem := err.Error()
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		problem = fmt.Sprintf("%s is %s; write a value of the type %s", name(path), n.what(), e.Type)
	}
	d.fault(n.Place, path, "%s", problem)
}
