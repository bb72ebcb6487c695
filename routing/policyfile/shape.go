package policyfile

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/simulate"
	"github.com/answerable-go/answerable/sla"
)

// document is a policy file: the policy's own keys, and the roster beside them.
type document struct {
	routing.Policy
	// Roster is who there is to be asked, as inquiry.Roster sets it.
	Roster []inquiry.Owner `json:"roster,omitempty"`
}

// field is a key of a struct, as encoding/json has it.
type field struct {
	name     string
	index    []int
	typ      reflect.Type
	required bool     // its tag does not let it be left out
	omit     string   // "omitempty" or "omitzero", if it may be
	words    []string // the only texts there are, where the Go type does not say so
}

var (
	textReader = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonReader = reflect.TypeFor[json.Unmarshaler]()
	textWriter = reflect.TypeFor[encoding.TextMarshaler]()
	jsonWriter = reflect.TypeFor[json.Marshaler]()
)

// readsText and readsJSON report whether a type reads its value on its own.
func readsText(t reflect.Type) bool { return reflect.PointerTo(t).Implements(textReader) }

func readsJSON(t reflect.Type) bool { return reflect.PointerTo(t).Implements(jsonReader) }

// words are the only values of some kinds of text. A kind that is not listed
// takes any text as far as the shape goes; its own validation says the rest.
var words = map[reflect.Type][]string{
	reflect.TypeFor[sla.Kind]():   texts(sla.Kinds()),
	reflect.TypeFor[sla.Signal](): texts(sla.Signals()),

	reflect.TypeFor[simulate.Choice](): texts([]simulate.Choice{simulate.ByFit, simulate.LongestIdle, simulate.LeastBusy}),
	reflect.TypeFor[simulate.LawName](): texts([]simulate.LawName{
		simulate.Exponential, simulate.Deterministic, simulate.LogNormal, simulate.Gamma, simulate.Recorded,
	}),
}

// usual are the usual values of texts that a host may choose itself.
var usual = map[reflect.Type][]string{
	reflect.TypeFor[inquiry.Kind](): texts([]inquiry.Kind{
		inquiry.Question, inquiry.Complaint, inquiry.Request, inquiry.Praise, inquiry.Opportunity, inquiry.Other,
	}),
	reflect.TypeFor[inquiry.Audience](): texts([]inquiry.Audience{
		inquiry.Customer, inquiry.Journalist, inquiry.Influencer, inquiry.Prospect, inquiry.Partner, inquiry.Employee,
	}),
	reflect.TypeFor[inquiry.Order](): texts([]inquiry.Order{
		inquiry.ByDeadline, inquiry.ByRatio, inquiry.ByCost, inquiry.ByPriority, inquiry.ByArrival,
	}),
	reflect.TypeFor[inquiry.Affiliation](): texts([]inquiry.Affiliation{
		inquiry.Employed, inquiry.OfAgency, inquiry.Contractor, inquiry.Volunteer,
	}),
	reflect.TypeFor[inquiry.Fate]():       texts([]inquiry.Fate{inquiry.Keep, inquiry.Requeue}),
	reflect.TypeFor[inquiry.Assignment](): texts([]inquiry.Assignment{inquiry.ByOffer, inquiry.Directly}),
	reflect.TypeFor[sla.Party]():          texts([]sla.Party{sla.Owner, sla.Lead, sla.OnCall, sla.Role, sla.Sink}),
}

func texts[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

var weekdays = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// shapes are the keys of types that read their JSON on their own and whose
// fields do not tell them.
var shapes = map[reflect.Type][]field{
	reflect.TypeFor[sla.Hours](): {
		{name: "day", typ: reflect.TypeFor[string](), required: true, words: weekdays},
		{name: "open", typ: reflect.TypeFor[sla.TimeOfDay](), required: true},
		{name: "close", typ: reflect.TypeFor[sla.TimeOfDay](), required: true},
	},
}

var fieldsOf sync.Map // reflect.Type to []field

// fields are the keys of a struct, in the order of the Go fields. Those of an
// embedded struct stand where it is embedded; a shallower field hides a deeper
// one of the same name, as in encoding/json.
func fields(t reflect.Type) []field {
	if known, ok := fieldsOf.Load(t); ok {
		return known.([]field) //nolint:forcetypeassert // it holds nothing else
	}
	out, known := shapes[t]
	if !known {
		collect(t, nil, &out)
		depth := map[string]int{}
		for _, f := range out {
			if d, ok := depth[f.name]; !ok || len(f.index) < d {
				depth[f.name] = len(f.index)
			}
		}
		out = slices.DeleteFunc(out, func(f field) bool { return len(f.index) > depth[f.name] })
	}
	fieldsOf.Store(t, out)
	return out
}

func collect(t reflect.Type, index []int, to *[]field) {
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(slices.Clone(index), i)
		tag := sf.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case tag == "-":
			continue
		case sf.Anonymous && name == "" && sf.Type.Kind() == reflect.Struct && !readsJSON(sf.Type) && !readsText(sf.Type):
			collect(sf.Type, at, to)
			continue
		case !sf.IsExported():
			continue
		}
		f := field{name: name, index: at, typ: sf.Type}
		if name == "" {
			f.name = sf.Name
		}
		for o := range strings.SplitSeq(options, ",") {
			if o == "omitempty" || o == "omitzero" {
				f.omit = o
			}
		}
		f.required = f.omit == "" && sf.Type.Kind() != reflect.Pointer
		*to = append(*to, f)
	}
}

// told reports whether a struct's keys are known: from its fields' tags, or
// from shapes. A struct that reads its JSON on its own and tags nothing may have
// any form.
func told(t reflect.Type) bool {
	if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
		return false
	}
	if _, ok := shapes[t]; ok || !readsJSON(t) {
		return true
	}
	tagged := 0
	for sf := range t.Fields() {
		if sf.IsExported() {
			if sf.Tag.Get("json") == "" {
				return false
			}
			tagged++
		}
	}
	return tagged > 0
}

// form is how a type is written in a file.
type form uint8

const (
	anyForm    form = iota // whatever the type itself, or encoding/json, makes of it
	textForm               // a scalar that the type reads itself
	stringForm             // a text
	boolForm
	intForm
	floatForm
	listForm
	structForm // a mapping of known keys
	mapForm    // a mapping of any keys
	namesForm  // a file's name, or a list of them
	policyForm // a policy, or the names of its files
)

// formOf is the form of a type that is no pointer.
func formOf(t reflect.Type) form {
	switch {
	case t == reflect.TypeFor[fileNames]():
		return namesForm
	case t == reflect.TypeFor[policyOrFiles]():
		return policyForm
	case readsJSON(t) && told(t):
		return structForm
	case readsText(t):
		return textForm
	case readsJSON(t):
		return anyForm
	}
	switch t.Kind() {
	case reflect.String:
		return stringForm
	case reflect.Bool:
		return boolForm
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return intForm
	case reflect.Float32, reflect.Float64:
		return floatForm
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return anyForm // bytes are base64 in JSON
		}
		return listForm
	case reflect.Struct:
		return structForm
	case reflect.Map:
		if t.Key().Kind() == reflect.String && !readsText(t.Key()) {
			return mapForm
		}
	}
	return anyForm
}
