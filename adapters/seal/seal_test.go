package seal_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/adaptertest"
	"github.com/answerable-go/answerable/adapters/memory"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/inquiry"
)

func TestStore(t *testing.T) {
	t.Parallel()
	adaptertest.TestStore(t, adaptertest.StoreHarness{
		Open: func(t *testing.T) adapters.Store { return newCase(t).Store },
	})
}

// testCase is a sealed store over one in memory that can be looked into.
type testCase struct {
	*seal.Store
	inner *memory.Store
	keys  *faulty
	term  adapters.Term
	head  uint64
}

// faulty is a keyring that can fail.
type faulty struct {
	*seal.Memory
	err error
}

func (f *faulty) Key(ctx context.Context, pool string, person inquiry.ID) ([]byte, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.Memory.Key(ctx, pool, person)
}

func (f *faulty) Known(ctx context.Context, pool string, person inquiry.ID) ([]byte, error) {
	if f.err != nil {
		return nil, f.err
	}
	return f.Memory.Known(ctx, pool, person)
}

func newCase(t testing.TB) *testCase {
	t.Helper()
	c := &testCase{inner: memory.New(memory.Config{}), keys: &faulty{Memory: seal.NewMemory()}}
	var err error
	c.Store, err = seal.New(c.inner, c.keys, seal.Config{})
	require.NoError(t, err)
	return c
}

// lostAnswers is a store that does not know what became of commits.
type lostAnswers struct {
	adapters.Store
	keeps, loses bool  // the commits, and what became of them
	mute         error // of Outcomes
}

func (l *lostAnswers) Append(ctx context.Context, c adapters.Commit) error {
	if !l.loses {
		return l.Store.Append(ctx, c)
	}
	if l.keeps {
		if err := l.Store.Append(ctx, c); err != nil {
			return err
		}
	}
	return adapters.ErrUnknown
}

func (l *lostAnswers) Outcomes(ctx context.Context, pool string, inputs ...inquiry.ID) ([]inquiry.Outcome, error) {
	if l.mute != nil {
		return nil, l.mute
	}
	return l.Store.Outcomes(ctx, pool, inputs...)
}

const pool = "support"

func (c *testCase) append(t testing.TB, b inquiry.Batch) {
	t.Helper()
	require.NoError(t, c.Append(t.Context(), c.commit(t, b)))
}

func (c *testCase) commit(t testing.TB, b inquiry.Batch) adapters.Commit {
	t.Helper()
	if c.term.Epoch == 0 {
		var err error
		c.term, err = c.Lead(t.Context(), adapters.Claim{Pool: pool, Node: "node", Format: inquiry.Format, For: time.Hour})
		require.NoError(t, err)
	}
	return adapters.Commit{Pool: pool, Epoch: c.term.Epoch, Head: c.head, Batch: b}
}

func (c *testCase) read(t testing.TB, of inquiry.ID) []inquiry.Message {
	t.Helper()
	ms, err := c.Messages(t.Context(), pool, of)
	require.NoError(t, err)
	return ms
}

func id(s string) inquiry.ID { return inquiry.DeriveID("seal", s) }

// said is a message of somebody's, ours said is one of ours.
func said(name, who string, of inquiry.ID) inquiry.Message {
	return inquiry.Message{
		Pool: pool, ID: id(name), External: name, Inquiry: of, Channel: "email", Text: "text of " + name, Salt: []byte("salt"), Digest: "d",
		Author: inquiry.Author{External: who, Person: id(who)},
	}
}

func oursSaid(name string, of inquiry.ID) inquiry.Message {
	return inquiry.Message{
		Pool: pool, ID: id(name), External: name, Inquiry: of, Channel: "email", Direction: inquiry.FromUs, Text: "text of " + name,
		Salt: []byte("salt"), Digest: "d", Author: inquiry.Author{External: "anna"},
	}
}

// personal are the struct types of package inquiry that have personal fields, as
// its source says.
func personal(t *testing.T) (types []string) {
	t.Helper()
	files, err := filepath.Glob("../../inquiry/*.go")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			ast.Inspect(spec, func(n ast.Node) bool {
				if f, ok := n.(*ast.Field); ok && f.Tag != nil && strings.Contains(f.Tag.Value, `privacy:"personal"`) {
					types = append(types, spec.Name.Name)
				}
				return true
			})
			return false
		})
	}
	slices.Sort(types)
	return slices.Compact(types)
}

const canary = "Kanarienvogel"

// fill sets every personal field below v, and no other but lists of what has some.
func fill(v reflect.Value, personal bool) {
	switch v.Kind() {
	case reflect.String:
		if personal {
			v.SetString(canary)
		}
	case reflect.Slice:
		switch {
		case v.Type().Elem().Kind() == reflect.Uint8 && personal:
			v.SetBytes([]byte(canary))
		case v.Type().Elem().Kind() == reflect.Struct:
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			fill(v.Index(0), personal)
			fill(v.Index(1), personal)
		}
	case reflect.Struct:
		for f, field := range v.Fields() {
			if f.IsExported() && f.Type != reflect.TypeFor[time.Time]() {
				fill(field, personal || f.Tag.Get("privacy") == "personal")
			}
		}
	}
}

func full[T any]() T {
	var v T
	fill(reflect.ValueOf(&v).Elem(), false)
	return v
}

// readable is what of the canaries can be seen in v.
func readable(t *testing.T, v any) bool {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return strings.Contains(string(raw), canary) || strings.Contains(string(raw), base64.StdEncoding.EncodeToString([]byte(canary)))
}

func TestEveryPersonalField(t *testing.T) {
	t.Parallel()
	t.Run("H6 the types that have personal fields are those that are sealed here", func(t *testing.T) {
		// Outbound is never stored, Author and Identity are parts of others. Whoever
		// adds a type seals it in content.go and adds it below.
		require.Equal(t, []string{"Author", "Details", "Identity", "Message", "Outbound", "Reply", "Sending"}, personal(t))
	})
	of := id("inquiry")
	t.Run("H6 every personal field of messages and details is sealed and comes back", func(t *testing.T) {
		c := newCase(t)
		m, d := full[inquiry.Message](), full[inquiry.Details]()
		m.Inquiry, d.ID = of, of
		require.True(t, readable(t, m) && readable(t, d))
		b := inquiry.Batch{Messages: []inquiry.Message{m}, Details: []inquiry.Details{d}, Changed: []inquiry.Row{{ID: of, State: inquiry.StateQueued}}}
		c.append(t, b)
		require.Equal(t, m, b.Messages[0], "what was given is not changed")
		require.Equal(t, d, b.Details[0])

		lies, err := c.inner.Messages(t.Context(), pool, of)
		require.NoError(t, err)
		require.False(t, readable(t, lies))
		found, err := c.inner.Find(t.Context(), inquiry.Query{Pool: pool})
		require.NoError(t, err)
		require.False(t, readable(t, found))

		require.Equal(t, []inquiry.Message{m}, c.read(t, of))
		found, err = c.Find(t.Context(), inquiry.Query{Pool: pool})
		require.NoError(t, err)
		require.Equal(t, d, found[0].Details)
	})
	t.Run("H6 every personal field of inputs is sealed and comes back", func(t *testing.T) {
		for _, cmd := range []inquiry.Command{
			full[inquiry.Receive](), full[inquiry.Split](), full[inquiry.Reply](), full[inquiry.Sending](),
		} {
			require.True(t, readable(t, cmd))
			if r, ok := cmd.(inquiry.Receive); ok {
				r.Message.Pool = pool
				cmd = r
			}
			c := newCase(t)
			in := inquiry.Input{ID: id("input"), Do: cmd}
			before, err := json.Marshal(in)
			require.NoError(t, err)
			require.NoError(t, c.Put(t.Context(), pool, in))
			lies, err := c.inner.Pending(t.Context(), pool, 1)
			require.NoError(t, err)
			require.False(t, readable(t, lies), "%T", cmd)
			pending, err := c.Pending(t.Context(), pool, 1)
			require.NoError(t, err)
			after, err := json.Marshal(pending[0])
			require.NoError(t, err)
			require.Equal(t, string(before), string(after))
			after, err = json.Marshal(in)
			require.NoError(t, err)
			require.Equal(t, string(before), string(after), "what was given is not changed")
			require.NotContains(t, toJSON(t, inquiry.Journaled(lies[0].Do)), "sealed", "nor does the journal have it")
		}
	})
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	return string(raw)
}

func TestWhoseKey(t *testing.T) {
	t.Parallel()
	of := id("inquiry")
	conversation := func(t *testing.T) *testCase {
		c := newCase(t)
		c.append(t, inquiry.Batch{
			Messages: []inquiry.Message{said("m1", "kim", of), oursSaid("r1", of), said("m2", "lou", of)},
			Details:  []inquiry.Details{{ID: of, Subject: "lamp", Author: inquiry.Author{External: "kim", Person: id("kim")}}},
			Changed:  []inquiry.Row{{ID: of, State: inquiry.StateQueued, Persons: []inquiry.ID{id("kim"), id("lou")}}},
		})
		c.append(t, inquiry.Batch{Messages: []inquiry.Message{oursSaid("r2", of)}})
		anonymous := said("m3", "", of)
		anonymous.Author.Person = inquiry.ID{}
		c.append(t, inquiry.Batch{Messages: []inquiry.Message{anonymous, oursSaid("r3", of)}})
		return c
	}
	for name, c := range map[string]struct {
		who  string
		gone []string
	}{
		"H6 who is erased takes along what they wrote and what they were answered": {"kim", []string{"m1", "r1", "details"}},
		"H6 each author in a conversation has a key of their own":                  {"lou", []string{"m2", "r2"}},
		"H6 what tells of nobody known goes with its inquiry":                      {"inquiry", []string{"m3", "r3"}},
		"H6 whom nobody knows takes nothing along":                                 {"nobody", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := conversation(t)
			_ = s.read(t, of) // so that keys are in memory
			require.NoError(t, s.Erase(t.Context(), pool, id(c.who)))
			for _, m := range s.read(t, of) {
				name := m.External
				if m.Erased() {
					for _, n := range c.gone {
						if id(n) == m.ID {
							name = n
						}
					}
					require.Empty(t, m.Text+m.External+m.Author.External)
				} else {
					require.Equal(t, "text of "+name, m.Text)
				}
				require.Equal(t, slices.Contains(c.gone, name), m.Erased(), "%q", name)
			}
			found, err := s.Find(t.Context(), inquiry.Query{Pool: pool})
			require.NoError(t, err)
			require.Equal(t, slices.Contains(c.gone, "details"), found[0].Details.Erased())
		})
	}
	t.Run("H6 a reply in the inbox is under whom it answers", func(t *testing.T) {
		s := conversation(t)
		s.append(t, inquiry.Batch{Messages: []inquiry.Message{said("m4", "kim", of)}})
		require.NoError(t, s.Put(t.Context(), pool, inquiry.Input{ID: id("in"), Do: inquiry.Reply{Inquiry: of, Reply: id("r4"), Text: "hello kim"}}))
		require.NoError(t, s.Erase(t.Context(), pool, id("kim")))
		pending, err := s.Pending(t.Context(), pool, 1)
		require.NoError(t, err)
		require.Empty(t, pending[0].Do.(inquiry.Reply).Text)
	})
	t.Run("H6 an edit that does not tell whose it is goes with the author of what it edits", func(t *testing.T) {
		edit := func(name string, revision int) inquiry.Message {
			m := said(name, "", of)
			m.Author.Person, m.Revision, m.Text = inquiry.ID{}, revision, "an edit"
			return m
		}
		for name, edits := range map[string][][]inquiry.Message{
			"in one commit":    {{edit("m2", 2), edit("m2", 3), oursSaid("r4", of)}},
			"in several":       {{edit("m2", 2)}, {edit("m2", 3)}, {oursSaid("r4", of)}},
			"with the message": {{said("m5", "lou", of), edit("m5", 2), oursSaid("r4", of), edit("m2", 2)}},
		} {
			s := conversation(t)
			for _, messages := range edits {
				s.append(t, inquiry.Batch{Messages: messages})
			}
			require.NoError(t, s.Erase(t.Context(), pool, id("kim"), of))
			left := func() (edits int) {
				for _, m := range s.read(t, of) {
					if m.Text == "an edit" {
						edits++
					}
				}
				return edits
			}
			require.Positive(t, left(), name)
			require.NoError(t, s.Erase(t.Context(), pool, id("lou")))
			require.Zero(t, left(), name)
			for _, m := range s.read(t, of) {
				require.NotEqual(t, "text of r4", m.Text, "%s: what answers them", name)
			}
		}
	})
	t.Run("H6 an input of nobody's has a key of its own, which is forgotten once it is done", func(t *testing.T) {
		s := newCase(t)
		seen := inquiry.Receive{Message: oursSaid("seen", inquiry.ID{})}
		require.NoError(t, s.Put(t.Context(), pool, inquiry.Input{ID: id("in"), Do: seen}))
		pending, err := s.Pending(t.Context(), pool, 1)
		require.NoError(t, err)
		require.Equal(t, "text of seen", pending[0].Do.(inquiry.Receive).Message.Text)
		_, err = s.keys.Known(t.Context(), pool, id("in"))
		require.NoError(t, err)
		s.append(t, inquiry.Batch{Done: []inquiry.ID{id("in")}})
		_, err = s.keys.Known(t.Context(), pool, id("in"))
		require.ErrorIs(t, err, adapters.ErrForgotten)
	})
	t.Run("H6 so it is where the store did not know whether it had kept the commit", func(t *testing.T) {
		var fate lostAnswers
		s := newCase(t)
		fate.Store = s.inner
		var err error
		s.Store, err = seal.New(&fate, s.keys, seal.Config{})
		require.NoError(t, err)
		put := func(name string) {
			in := inquiry.Input{ID: id(name), Do: inquiry.Receive{Message: oursSaid(name, inquiry.ID{})}}
			require.NoError(t, s.Put(t.Context(), pool, in))
		}
		put("kept")
		put("lost")
		_, err = s.Pending(t.Context(), pool, 9)
		require.NoError(t, err)
		done := func(name string) adapters.Commit {
			return s.commit(t, inquiry.Batch{Done: []inquiry.ID{id(name)}, Outcomes: []inquiry.Outcome{{Input: id(name)}}})
		}
		fate.keeps, fate.loses = true, true
		require.ErrorIs(t, s.Append(t.Context(), done("kept")), adapters.ErrUnknown)
		fate.keeps = false
		require.ErrorIs(t, s.Append(t.Context(), done("lost")), adapters.ErrUnknown)

		fate.loses = false
		fate.mute = errors.New("the store is away")
		s.append(t, inquiry.Batch{})
		fate.mute = nil
		s.append(t, inquiry.Batch{})
		_, err = s.keys.Known(t.Context(), pool, id("kept"))
		require.ErrorIs(t, err, adapters.ErrForgotten)
		pending, err := s.Pending(t.Context(), pool, 9)
		require.NoError(t, err)
		require.Len(t, pending, 1)
		require.Equal(t, "text of lost", pending[0].Do.(inquiry.Receive).Message.Text, "what was not kept is still to be done")
		require.NoError(t, s.Append(t.Context(), done("lost")))
		_, err = s.keys.Known(t.Context(), pool, id("lost"))
		require.ErrorIs(t, err, adapters.ErrForgotten)
	})
	t.Run("H6 so it is where the process dies before it could forget the key", func(t *testing.T) {
		s := newCase(t)
		in := inquiry.Input{ID: id("in"), Do: inquiry.Receive{Message: oursSaid("seen", inquiry.ID{})}}
		require.NoError(t, s.Put(t.Context(), pool, in))
		_, err := s.Pending(t.Context(), pool, 1)
		require.NoError(t, err)
		away := &awayKeys{Keyring: s.keys}
		dying, err := seal.New(s.inner, away, seal.Config{})
		require.NoError(t, err)
		_, err = dying.Pending(t.Context(), pool, 1)
		require.NoError(t, err)
		away.err = errors.New("the process dies here")
		require.NoError(t, dying.Append(t.Context(), s.commit(t, inquiry.Batch{Done: []inquiry.ID{in.ID}})))
		_, err = s.keys.Known(t.Context(), pool, in.ID)
		require.NoError(t, err)

		next, err := seal.New(s.inner, s.keys, seal.Config{})
		require.NoError(t, err)
		marks := func(store adapters.Store) []inquiry.Mark {
			rec, err := store.Recover(t.Context(), pool)
			require.NoError(t, err)
			return rec.Marks
		}
		require.Len(t, marks(s.inner), 1)
		require.Empty(t, marks(next), "it is of no concern to others")
		_, err = s.keys.Known(t.Context(), pool, in.ID)
		require.NoError(t, err, "to read destroys nothing")
		require.NoError(t, next.Append(t.Context(), s.commit(t, inquiry.Batch{})))
		_, err = s.keys.Known(t.Context(), pool, in.ID)
		require.ErrorIs(t, err, adapters.ErrForgotten)
		require.NoError(t, next.Append(t.Context(), s.commit(t, inquiry.Batch{})))
		require.Empty(t, marks(s.inner), "what said so is gone, too")
		require.NoError(t, dying.Append(t.Context(), s.commit(t, inquiry.Batch{})))
		away.err = nil
		_, err = dying.Recover(t.Context(), pool)
		require.NoError(t, err)
		require.NoError(t, dying.Append(t.Context(), s.commit(t, inquiry.Batch{})))
		require.Empty(t, marks(s.inner))
	})
	t.Run("H6 an erased message that moves to another inquiry stays erased", func(t *testing.T) {
		s := conversation(t)
		require.NoError(t, s.Erase(t.Context(), pool, id("kim")))
		moved := s.read(t, of)[0]
		moved.Inquiry = id("other")
		s.append(t, inquiry.Batch{Messages: []inquiry.Message{moved}})
		require.Len(t, s.read(t, id("other")), 1)
		require.True(t, s.read(t, id("other"))[0].Erased())
		s.append(t, inquiry.Batch{Messages: []inquiry.Message{said("m5", "kim", of)}}) // and has a key again
		require.True(t, s.read(t, id("other"))[0].Erased())
	})
	t.Run("H6 a host's transaction has its inputs sealed", func(t *testing.T) {
		s := newCase(t)
		in := inquiry.Input{ID: id("in"), Do: inquiry.Receive{Message: said("m", "kim", inquiry.ID{})}}
		require.NoError(t, s.Inbox(s.inner).Put(t.Context(), pool, in))
		lies, err := s.inner.Pending(t.Context(), pool, 1)
		require.NoError(t, err)
		require.Empty(t, lies[0].Do.(inquiry.Receive).Message.Text)
		pending, err := s.Pending(t.Context(), pool, 1)
		require.NoError(t, err)
		require.Equal(t, in, pending[0])
	})
}

// awayKeys are keys that can be read while nothing can be forgotten.
type awayKeys struct {
	adapters.Keyring
	err error
}

func (k *awayKeys) Forget(ctx context.Context, pool string, persons ...inquiry.ID) error {
	if k.err != nil {
		return k.err
	}
	return k.Keyring.Forget(ctx, pool, persons...)
}

func TestForgottenIsNotDamaged(t *testing.T) {
	t.Parallel()
	of := id("inquiry")
	// spoilt is a store in which what lies sealed was changed.
	spoilt := func(t *testing.T, spoil func(c *testCase, a, b *inquiry.Message)) *testCase {
		c := newCase(t)
		c.append(t, inquiry.Batch{Messages: []inquiry.Message{said("m1", "kim", of), said("m2", "kim", of)}})
		lies, err := c.inner.Messages(t.Context(), pool, of)
		require.NoError(t, err)
		spoil(c, &lies[0], &lies[1])
		require.NoError(t, c.inner.Append(t.Context(), c.commit(t, inquiry.Batch{Messages: lies})))
		return c
	}
	for name, spoil := range map[string]func(a, b *inquiry.Message){
		"H6 another message's blob is refused, though the key is the same": func(a, b *inquiry.Message) { a.Sealed, b.Sealed = b.Sealed, a.Sealed },
		"H6 another revision's blob is refused":                            func(a, _ *inquiry.Message) { a.Revision++ },
		"H6 a changed blob is damage":                                      func(a, _ *inquiry.Message) { a.Sealed[len(a.Sealed)-1] ^= 1 },
		"H6 a changed nonce is damage":                                     func(a, _ *inquiry.Message) { a.Sealed[26] ^= 1 },
		"H6 a blob that is cut off is damage":                              func(a, _ *inquiry.Message) { a.Sealed = a.Sealed[:20] },
		"H6 a blob of another format is damage":                            func(a, _ *inquiry.Message) { a.Sealed[0]++ },
	} {
		t.Run(name, func(t *testing.T) {
			c := spoilt(t, func(_ *testCase, a, b *inquiry.Message) { spoil(a, b) })
			_, err := c.Messages(t.Context(), pool, of)
			require.ErrorIs(t, err, adapters.ErrDamaged)
			damage, ok := errors.AsType[*adapters.DamageError](err)
			require.True(t, ok)
			require.Equal(t, pool+" message "+id("m1").String(), damage.Pool+" "+damage.Kind+" "+damage.Key)
		})
	}
	t.Run("H7 another pool's blob is refused, even by a keyring that shares keys among pools", func(t *testing.T) {
		inner := memory.New(memory.Config{})
		s, err := seal.New(inner, onePool{seal.NewMemory()}, seal.Config{})
		require.NoError(t, err)
		for _, p := range []string{pool, "suppork"} {
			_, err := s.Lead(t.Context(), adapters.Claim{Pool: p, Node: "node", Format: inquiry.Format, For: time.Hour})
			require.NoError(t, err)
		}
		m := inquiry.Batch{Messages: []inquiry.Message{said("m1", "kim", of)}}
		require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: pool, Epoch: 1, Batch: m}))
		lies, err := inner.Messages(t.Context(), pool, of)
		require.NoError(t, err)
		require.NoError(t, inner.Append(t.Context(), adapters.Commit{Pool: "suppork", Epoch: 1, Batch: inquiry.Batch{Messages: lies}}))
		_, err = s.Messages(t.Context(), pool, of)
		require.NoError(t, err)
		_, err = s.Messages(t.Context(), "suppork", of)
		require.ErrorIs(t, err, adapters.ErrDamaged)
	})
	t.Run("H6 what was sealed before an erasure is forgotten, not damaged, when there is a new key", func(t *testing.T) {
		c := newCase(t)
		c.append(t, inquiry.Batch{Messages: []inquiry.Message{said("m1", "kim", of)}})
		require.NoError(t, c.Erase(t.Context(), pool, id("kim")))
		c.append(t, inquiry.Batch{Messages: []inquiry.Message{said("m2", "kim", of)}})
		ms := c.read(t, of)
		require.True(t, ms[0].Erased())
		require.Equal(t, said("m2", "kim", of), ms[1])
	})
	t.Run("H6 where the keyring fails no input comes into an inbox, and none out of it", func(t *testing.T) {
		for _, cmd := range []inquiry.Command{
			inquiry.Receive{Message: said("m1", "kim", inquiry.ID{})},
			inquiry.Split{Inquiry: of, Moved: []inquiry.Message{said("m1", "kim", of), said("m2", "lou", of)}},
			inquiry.Reply{Inquiry: of, Reply: id("reply"), Text: "text of ours", Salt: []byte("salt")},
			inquiry.Sending{Inquiry: of, Reply: id("reply"), Text: "text of ours"},
		} {
			c := newCase(t)
			require.NoError(t, c.Put(t.Context(), pool, inquiry.Input{ID: id("in"), Do: cmd}))
			c.keys.err = adapters.ErrUnavailable
			_, err := c.Pending(t.Context(), pool, 9)
			require.ErrorIs(t, err, adapters.ErrUnavailable, "%T", cmd)
			require.ErrorIs(t, c.Put(t.Context(), pool, inquiry.Input{ID: id("in2"), Do: cmd}), adapters.ErrUnavailable, "%T", cmd)
			lies, err := c.inner.Pending(t.Context(), pool, 9)
			require.NoError(t, err)
			require.Len(t, lies, 1)
			require.NotContains(t, toJSON(t, lies), "text of", "%T", cmd)
		}
	})
	t.Run("H6 a keyring that fails is an error everywhere, and nothing is kept or seems erased", func(t *testing.T) {
		c := newCase(t)
		c.append(t, inquiry.Batch{
			Messages: []inquiry.Message{said("m1", "kim", of)}, Changed: []inquiry.Row{{ID: of, State: inquiry.StateQueued}},
			Details: []inquiry.Details{{ID: of, Subject: "lamp", Author: inquiry.Author{External: "kim", Person: id("kim")}}},
		})
		in := inquiry.Input{ID: id("in"), Do: inquiry.Receive{Message: said("m2", "kim", inquiry.ID{})}}
		require.NoError(t, c.Put(t.Context(), pool, in))
		c.keys.err = adapters.ErrUnavailable
		_, err := c.Messages(t.Context(), pool, of)
		require.ErrorIs(t, err, adapters.ErrUnavailable)
		_, err = c.Find(t.Context(), inquiry.Query{Pool: pool})
		require.ErrorIs(t, err, adapters.ErrUnavailable)
		_, err = c.Pending(t.Context(), pool, 1)
		require.ErrorIs(t, err, adapters.ErrUnavailable)
		in.ID = id("in2")
		require.ErrorIs(t, c.Put(t.Context(), pool, in), adapters.ErrUnavailable)
		for _, n := range []int{1, 2, 40} {
			var ms []inquiry.Message
			for i := range n {
				ms = append(ms, said("n", string(rune('a'+i)), of))
			}
			require.ErrorIs(t, c.Append(t.Context(), c.commit(t, inquiry.Batch{Messages: ms})), adapters.ErrUnavailable)
		}
		c.keys.err = nil
		require.Len(t, c.read(t, of), 1)
		pending, err := c.Pending(t.Context(), pool, 9)
		require.NoError(t, err)
		require.Len(t, pending, 1)
	})
}

// onePool is a keyring that makes no difference between pools.
type onePool struct{ *seal.Memory }

func (o onePool) Key(ctx context.Context, _ string, person inquiry.ID) ([]byte, error) {
	return o.Memory.Key(ctx, "", person)
}

func (o onePool) Known(ctx context.Context, _ string, person inquiry.ID) ([]byte, error) {
	return o.Memory.Known(ctx, "", person)
}

func TestNodes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		of := id("inquiry")
		a := newCase(t)
		b, err := seal.New(a.inner, a.keys, seal.Config{KeepKeys: time.Minute})
		require.NoError(t, err)
		a.append(t, inquiry.Batch{Messages: []inquiry.Message{said("m1", "kim", of)}})
		text := func() string {
			ms, err := b.Messages(t.Context(), pool, of)
			require.NoError(t, err)
			return ms[0].Text
		}
		require.Equal(t, "text of m1", text())
		require.NoError(t, a.Erase(t.Context(), pool, id("kim")))
		require.Empty(t, a.read(t, of)[0].Text, "H6 at once where it was erased")
		time.Sleep(time.Minute - 1)
		require.Equal(t, "text of m1", text(), "the bound is not shorter than it says")
		time.Sleep(time.Nanosecond)
		require.Empty(t, text(), "H6 elsewhere no later than KeepKeys")

		// What is written on another node within that time is under the new key: it
		// is not lost.
		require.NoError(t, b.Put(t.Context(), pool, inquiry.Input{ID: id("1"), Do: inquiry.Receive{Message: said("m2", "kim", inquiry.ID{})}}))
		require.NoError(t, a.Erase(t.Context(), pool, id("kim")))
		require.NoError(t, b.Put(t.Context(), pool, inquiry.Input{ID: id("2"), Do: inquiry.Receive{Message: said("m3", "kim", inquiry.ID{})}}))
		time.Sleep(time.Hour)
		pending, err := b.Pending(t.Context(), pool, 9)
		require.NoError(t, err)
		require.Empty(t, pending[0].Do.(inquiry.Receive).Message.Text)
		require.Equal(t, "text of m3", pending[1].Do.(inquiry.Receive).Message.Text)
	})
}

// bare is a store without what is optional.
type bare struct{ adapters.Store }

func TestNew(t *testing.T) {
	t.Parallel()
	_, err := seal.New(nil, nil, seal.Config{MaxKeys: -1})
	for _, want := range []string{"no store", "no keyring", "MaxKeys is -1"} {
		require.ErrorContains(t, err, want)
	}
	s, err := seal.New(bare{memory.New(memory.Config{})}, seal.NewMemory(), seal.Config{})
	require.NoError(t, err)
	_, err = s.Check(t.Context(), pool, nil)
	require.ErrorIs(t, err, errors.ErrUnsupported)
	require.ErrorIs(t, s.Wake(t.Context(), pool, nil), errors.ErrUnsupported)
}

func FuzzMessage(f *testing.F) {
	f.Add("kim@example.org", "Kim <&>", "\u2028 Where is it?", []byte{0, 0xff}, uint16(3))
	f.Add("", "", "", []byte(nil), uint16(0))
	f.Fuzz(func(t *testing.T, external, name, text string, salt []byte, flip uint16) {
		for _, s := range []*string{&external, &name, &text} {
			*s = strings.ToValidUTF8(*s, "?")
		}
		of := id("inquiry")
		c := newCase(t)
		m := said("m", "kim", of)
		m.External, m.Author.Name, m.Text, m.Salt = external, name, text, append([]byte(nil), salt...)
		c.append(t, inquiry.Batch{Messages: []inquiry.Message{m}})
		require.Equal(t, []inquiry.Message{m}, c.read(t, of))

		lies, err := c.inner.Messages(t.Context(), pool, of)
		require.NoError(t, err)
		at := int(flip) % (8 * len(lies[0].Sealed))
		lies[0].Sealed[at/8] ^= 1 << (at % 8)
		require.NoError(t, c.inner.Append(t.Context(), c.commit(t, inquiry.Batch{Messages: lies})))
		ms, err := c.Messages(t.Context(), pool, of)
		if err == nil { // another person's, or another key: none that is there
			require.True(t, ms[0].Erased() && at/8 > 0 && at/8 < 25, "byte %d", at/8)
		} else {
			require.ErrorIs(t, err, adapters.ErrDamaged)
		}
	})
}
