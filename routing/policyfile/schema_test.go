package policyfile

import (
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files and the schema's descriptions anew")

// The comments of the Go fields are the schema's descriptions.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	now := comments(t)
	if *update {
		out, err := json.MarshalIndent(now, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile("descriptions.json", append(out, '\n'), 0o600))
	}
	text, err := os.ReadFile("descriptions.json")
	require.NoError(t, err)
	var was map[string]string
	require.NoError(t, json.Unmarshal(text, &was))
	require.Len(t, was, len(now), "write the descriptions anew with -update")
	for name, comment := range now {
		require.Equal(t, comment, was[name], "%s: write the descriptions anew with -update", name)
	}
	var have struct {
		Definitions map[string]struct {
			Properties map[string]struct{ Description string }
		}
		Properties map[string]struct{ Description string }
	}
	require.NoError(t, json.Unmarshal(Schema(), &have))
	require.Contains(t, have.Properties["sink"].Description, "end of every ladder")
	require.Contains(t, have.Properties["roster"].Description, "who there is to be asked")
	require.Contains(t, have.Definitions["routing.Rule"].Properties["offer_for"].Description, "default 2m")
	require.Contains(t, have.Definitions["sla.Target"].Properties["warn"].Description, "percentages")
}

// comments are those of the fields of all structs of the packages that a policy
// is made of.
func comments(t *testing.T) map[string]string {
	out := map[string]string{}
	for _, dir := range []string{"..", "../../inquiry", "../../sla", "../simulate", "."} {
		files, err := filepath.Glob(dir + "/*.go")
		require.NoError(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				spec, ok := n.(*ast.TypeSpec)
				if !ok {
					return true
				}
				if s, ok := spec.Type.(*ast.StructType); ok {
					for _, f := range s.Fields.List {
						text := f.Doc.Text()
						if text == "" {
							text = f.Comment.Text()
						}
						for _, name := range f.Names {
							if text != "" && f.Tag != nil && strings.Contains(f.Tag.Value, "json:") || spec.Name.Name == "Hours" && text != "" {
								out[file.Name.Name+"."+spec.Name.Name+"."+name.Name] = strings.Join(strings.Fields(text), " ")
							}
						}
					}
				}
				return true
			})
		}
	}
	keep := map[string]bool{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || keep[t.String()] {
			return
		}
		keep[t.String()] = true
		for f := range t.Fields() {
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[document]())
	walk(reflect.TypeFor[scenarioDocument]())
	for k := range out {
		if !keep[k[:strings.LastIndexByte(k, '.')]] {
			delete(out, k)
		}
	}
	return out
}

func compiledSchema(t *testing.T) *jsonschema.Resolved {
	t.Helper()
	var s jsonschema.Schema
	require.NoError(t, json.Unmarshal(Schema(), &s))
	r, err := s.Resolve(nil)
	require.NoError(t, err)
	return r
}

// The schema and the loader agree on form: over documents with something odd
// in them, each refuses exactly what the other refuses.
func TestSchemaAgreesWithLoader(t *testing.T) {
	t.Parallel()
	resolved := compiledSchema(t)
	sound, refused := 0, 0
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 5))
		p, roster := randomPolicy(r)
		text, err := json.Marshal(document{p, roster})
		require.NoError(t, err)
		for range 10 {
			var doc any
			require.NoError(t, json.Unmarshal(text, &doc))
			for range r.IntN(2) + r.IntN(2) {
				doc = spoil(r, doc)
			}
			raw, err := json.Marshal(doc)
			require.NoError(t, err)

			nodes := 0
			rd := reader{file: "p.yaml", nodes: &nodes}
			root := rd.read(raw)
			if root == nil { // the root itself was replaced
				continue
			}
			require.Empty(t, rd.faults)
			var d decoder
			d.decode(root, reflect.ValueOf(new(document)).Elem(), "")
			invalid := resolved.Validate(doc)
			require.Equal(t, invalid != nil, len(d.faults) > 0, "seed %d: schema: %v\nloader: %v\n%s", seed, invalid, d.faults, raw)
			_, err = Parse(Source{"p.yaml", raw})
			if invalid != nil {
				require.Error(t, err, "what the schema refuses the loader refuses")
				refused++
			} else if err == nil {
				sound++
			}
		}
	}
	require.Greater(t, sound, 20)
	require.Greater(t, refused, 50)
}

// spoil changes something somewhere: a key, a value, or what is there at all.
func spoil(r *rand.Rand, v any) any {
	strange := []any{true, 3, -4, 1.5, "", "x", "7", "2026-12-25", "09:00", "1h", "25:00", "0", nil, []any{}, []any{"x"}, map[string]any{}, map[string]any{"x": 1}}
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		if len(keys) > 0 && r.IntN(4) > 0 {
			k := keys[r.IntN(len(keys))]
			v[k] = spoil(r, v[k])
			return v
		}
		switch {
		case r.IntN(3) == 0 || len(keys) == 0:
			v[[]string{"x", "rulse", "name", "kind", "soft", "limit", "roster"}[r.IntN(7)]] = strange[r.IntN(len(strange))]
		default:
			delete(v, keys[r.IntN(len(keys))])
		}
		return v
	case []any:
		if len(v) > 0 && r.IntN(4) > 0 {
			i := r.IntN(len(v))
			v[i] = spoil(r, v[i])
			return v
		}
		return append(v, strange[r.IntN(len(strange))])
	}
	return strange[r.IntN(len(strange))]
}
