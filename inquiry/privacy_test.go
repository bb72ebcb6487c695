package inquiry

import (
	"encoding/base64"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// personalFields walks the types that a type reaches and lists the fields
// tagged as personal.
func personalFields(t reflect.Type, seen map[reflect.Type]bool) (out []string) {
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Pointer, reflect.Map:
		return personalFields(t.Elem(), seen)
	case reflect.Struct:
	default:
		return nil
	}
	if seen[t] {
		return nil
	}
	seen[t] = true
	for f := range t.Fields() {
		if f.Tag.Get("privacy") == "personal" {
			out = append(out, t.Name()+"."+f.Name)
		}
		out = append(out, personalFields(f.Type, seen)...)
	}
	return out
}

func reachable(examples ...any) []string {
	seen := map[reflect.Type]bool{}
	var out []string
	for _, e := range examples {
		out = append(out, personalFields(reflect.TypeOf(e), seen)...)
	}
	slices.Sort(out)
	return out
}

// What tells who somebody is, or what they wrote, is tagged. This list is what
// an erasure has to reach: whoever adds a field adds it here, and to Erase.
func TestPersonalFieldsAreKnown(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{
		"Author.External", "Author.Handle", "Author.Identities", "Author.Name",
		"Details.Subject",
		"Identity.External",
		"Message.Conversation", "Message.External", "Message.InReplyTo", "Message.Salt", "Message.Subject", "Message.Text",
		"Outbound.Conversation", "Outbound.Text",
		"Reply.Salt", "Reply.Text", "Sending.Salt", "Sending.Text",
	}, reachable(slices.Concat([]any{Batch{}, Inquiry{}, Outbound{}}, anys(allCommands()))...))
}

func anys[T any](of []T) []any {
	out := make([]any, len(of))
	for i := range of {
		out[i] = of[i]
	}
	return out
}

// What is kept for ever has no personal field at all, but for the commands,
// which the journal keeps without them.
func TestNothingPersonalIsKeptForEver(t *testing.T) {
	t.Parallel()
	for _, kept := range []any{Row{}, Effect{}, Outcome{}, Mark{}, MessageRef{}} {
		require.Empty(t, reachable(kept), "%T", kept)
	}
	for _, kind := range allKinds() {
		if d := dataFor(kind); d != nil {
			require.Empty(t, reachable(d), "%T", d)
		}
	}
	const canary = "CANARY"
	for _, c := range allCommands() {
		c = filled(c, canary)
		if len(reachable(c)) > 0 {
			require.Contains(t, marshal(t, c), canary, "the fixture is filled")
		}
		e := eventOf(Opened)
		e.Do = Journaled(c)
		raw := marshal(t, e)
		require.NotContains(t, raw, canary)
		require.NotContains(t, raw, base64.StdEncoding.EncodeToString([]byte(canary)))
	}
	erased := marshal(t, filled(Message{}, canary).Erase()) + marshal(t, filled(Author{}, canary).Erase())
	require.NotContains(t, erased, canary)
}

func TestADigestProvesWithoutTelling(t *testing.T) {
	t.Parallel()
	d := Sum([]byte("salt"), "subject", "text")
	require.Len(t, d, 64)
	require.Equal(t, d, Sum([]byte("salt"), "subject", "text"))
	require.NotEqual(t, d, Sum([]byte("pepper"), "subject", "text"))
	require.NotEqual(t, Sum(nil, "ab", "c"), Sum(nil, "a", "bc"))
}

func TestPersonsAreAllIdentitiesOnce(t *testing.T) {
	t.Parallel()
	a := Author{External: "ada", Identities: []Identity{{"email", "ada@x"}, {"mastodon", "ada"}, {"email", ""}}}
	ada := PersonID(nil, "pool", "mastodon", "ada")
	require.Equal(t, []ID{ada, PersonID(nil, "pool", "email", "ada@x")}, a.Persons(nil, "pool", "mastodon"))
	require.Empty(t, Author{}.Persons(nil, "pool", "mastodon"))
	keyed := PersonID([]byte("key"), "pool", "mastodon", "ada")
	require.NotEqual(t, ada, keyed, "with a key nobody can try candidates")
	require.NotEqual(t, keyed, PersonID([]byte("other"), "pool", "mastodon", "ada"))
	require.NotEqual(t, ada, PersonID(nil, "tenant", "mastodon", "ada"), "pools are separate")
}
