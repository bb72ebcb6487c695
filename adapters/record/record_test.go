package record_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// journal is n events as a store has them.
func journal(t *testing.T, n int) (links []record.Link) {
	t.Helper()
	var h inquiry.Hash
	for seq := range uint64(n) {
		text, err := inquiry.Event{Format: inquiry.Format, Pool: "p", Seq: seq + 1, Kind: inquiry.Queued, Owner: inquiry.OwnerID(fmt.Sprint("o", seq))}.MarshalJSON()
		require.NoError(t, err)
		h = h.Then(text)
		links = append(links, record.Link{Seq: seq + 1, Event: text, Hash: bytes.Clone(h[:])})
	}
	return links
}

// follow reads links behind a position and returns the last position that was
// read, and what ended it.
func follow(links []record.Link, after, head uint64) (uint64, error) {
	c := record.Follow("p", after, head)
	for _, l := range links[max(after, 1)-1:] {
		if _, _, err := c.Next(l); err != nil {
			return c.Seq, err
		}
	}
	return c.Seq, c.End()
}

func TestChain(t *testing.T) {
	t.Parallel()
	const n = 9
	t.Run("H1 a journal as it was written is read from any position to its head", func(t *testing.T) {
		for after := range uint64(n + 1) {
			last, err := follow(journal(t, n), after, n)
			require.NoError(t, err)
			require.EqualValues(t, n, last)
		}
	})
	t.Run("H1 no event can be changed, added, taken away or moved without it being told where", func(t *testing.T) {
		for name, damage := range map[string]func(l []record.Link) []record.Link{
			"changed": func(l []record.Link) []record.Link {
				l[4].Event = bytes.Replace(l[4].Event, []byte("o4"), []byte("o5"), 1)
				return l
			},
			"another hash":      func(l []record.Link) []record.Link { l[4].Hash = bytes.Clone(l[3].Hash); return l },
			"no hash":           func(l []record.Link) []record.Link { l[4].Hash = nil; return l },
			"taken away":        func(l []record.Link) []record.Link { return append(l[:4], l[5:]...) },
			"in another place":  func(l []record.Link) []record.Link { l[4].Event, l[5].Event = l[5].Event, l[4].Event; return l },
			"renumbered":        func(l []record.Link) []record.Link { l[4].Seq, l[5].Seq = 6, 5; return l },
			"twice":             func(l []record.Link) []record.Link { l[4] = l[3]; return l },
			"ended before here": func(l []record.Link) []record.Link { return l[:4] },
		} {
			last, err := follow(damage(journal(t, n)), 0, n)
			require.EqualValues(t, 4, last, name)
			var found *adapters.DamageError
			require.ErrorAs(t, err, &found, name)
			require.ErrorIs(t, err, adapters.ErrDamaged)
			require.Equal(t, [3]string{"p", "event", "5"}, [3]string{found.Pool, found.Kind, found.Key}, name)
		}
	})
	t.Run("H1 behind a break the chain can be followed on", func(t *testing.T) {
		links := journal(t, n)
		links[4].Event = []byte("{}")
		c := record.Follow("p", 0, n)
		var broken []uint64
		for _, l := range links {
			if _, _, err := c.Next(l); err != nil {
				broken = append(broken, l.Seq)
				c.Skip(l)
			}
		}
		require.NoError(t, c.End())
		require.Equal(t, []uint64{5}, broken)
		require.Equal(t, links[n-1].Hash, c.Hash[:])
	})
	t.Run("H1 a chain that begins in the midst begins at the event that it says", func(t *testing.T) {
		links := journal(t, n)
		nameless := bytes.Clone(links[3].Event)
		for name, begin := range map[string]record.Link{
			"the next one": links[4], "the one before": links[2], "without a hash": {Seq: 4, Event: nameless}, "half a hash": {Seq: 4, Event: nameless, Hash: links[3].Hash[:16]},
		} {
			c := record.Follow("p", 4, n)
			_, _, err := c.Next(begin)
			require.ErrorIs(t, err, adapters.ErrDamaged, name)
			require.ErrorContains(t, err, "event 4: it is missing, or has no hash", name)
		}
	})
	t.Run("H1 an event that says that it is another is not, however well its hash fits", func(t *testing.T) {
		links := journal(t, n)
		h := inquiry.Hash{}.Then(links[1].Event)
		_, err := follow([]record.Link{{Seq: 1, Event: links[1].Event, Hash: h[:]}}, 0, 1)
		require.ErrorIs(t, err, adapters.ErrDamaged)
		require.ErrorContains(t, err, "event 1: it says that it is event 2")
	})
	t.Run("H8 an event of a newer format is whole, and said to be newer", func(t *testing.T) {
		text := []byte(`{"format":99,"pool":"p","seq":1}`)
		h := inquiry.Hash{}.Then(text)
		_, err := follow([]record.Link{{Seq: 1, Event: text, Hash: h[:]}}, 0, 1)
		require.ErrorContains(t, err, "use a newer one")
		require.NotErrorIs(t, err, adapters.ErrDamaged)
	})
}

func TestJournal(t *testing.T) {
	t.Parallel()
	const n = 2500
	links := journal(t, n)
	page := func(from uint64, most int) ([]record.Link, error) {
		if most > 1001 {
			t.Errorf("a page of %d events was asked for, behind %d", most, from)
		}
		list := links[max(from, 1)-1:]
		return list[:min(most, len(list))], nil
	}
	t.Run("H1 page by page from any position", func(t *testing.T) {
		for _, after := range []uint64{0, 1, 99, 100, 101, 299, 300, 301, 1000, n - 1, n, n + 1} {
			want := after + 1
			for e, err := range record.Journal(t.Context(), "p", after, n, page) {
				require.NoError(t, err)
				require.Equal(t, want, e.Seq)
				want++
			}
			require.Equal(t, want, max(after, n)+1)
		}
	})
	t.Run("H1 an error of a page ends it, and so does the loss of the last event", func(t *testing.T) {
		failing := func(from uint64, most int) ([]record.Link, error) {
			if from > 1000 {
				return nil, errors.New("the disk is gone")
			}
			return page(from, most)
		}
		var last error
		for _, err := range record.Journal(t.Context(), "p", 0, n, failing) {
			last = err
		}
		require.ErrorContains(t, last, "the disk is gone")
		for _, err := range record.Journal(t.Context(), "p", 0, n+1, page) {
			last = err
		}
		require.ErrorContains(t, last, "event 2501: it is missing, and the journal goes up to 2501")
	})
}

func TestJournalThatEndsEarly(t *testing.T) {
	t.Parallel()
	const n = 300
	links := journal(t, n)
	links[149].Hash = links[148].Hash
	page := func(from uint64, most int) ([]record.Link, error) {
		list := links[max(from, 1)-1:]
		return list[:min(most, len(list))], nil
	}
	read := 0
	var last error
	for _, err := range record.Journal(t.Context(), "p", 0, n, page) {
		if last = err; err == nil {
			read++
		}
	}
	require.ErrorIs(t, last, adapters.ErrDamaged, "H1 a break is told")
	require.Equal(t, 149, read)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	read, last = 0, nil
	for _, err := range record.Journal(ctx, "p", 0, n, page) {
		if last = err; err == nil {
			read++
			cancel()
		}
	}
	require.ErrorIs(t, last, context.Canceled)
	require.Equal(t, 1, read)
}

func TestSum(t *testing.T) {
	t.Parallel()
	says := []byte("what a record says: some JSON of a usual length, and not much more than that")
	sum := record.Sum("inquiry", "p", "k", string(says))
	require.NoError(t, record.Check(sum, "inquiry", "p", "k", string(says)))
	t.Run("H1 a bit that flips, in what it says or where it belongs, is noticed", func(t *testing.T) {
		for i := range 8 * len(says) {
			flipped := bytes.Clone(says)
			flipped[i/8] ^= 1 << (i % 8)
			require.ErrorIs(t, record.Check(sum, "inquiry", "p", "k", string(flipped)), adapters.ErrDamaged)
		}
		require.Error(t, record.Check(sum, "details", "p", "k", string(says)))
		require.Error(t, record.Check(sum, "inquiry", "q", "k", string(says)), "H7 of another pool")
		require.Error(t, record.Check(sum, "inquiry", "p", "l", string(says)))
	})
	t.Run("parts never run together", func(t *testing.T) {
		require.NotEqual(t, record.Sum("a", "b", "c", "d", ""), record.Sum("a", "b", "c", "", "d"))
		require.NotEqual(t, record.Sum("a", "bc", "", "d"), record.Sum("a", "b", "c", "d"))
	})
	require.EqualError(t, record.Check(sum+1, "inquiry", "p", "k", string(says)),
		fmt.Sprintf(`adapters: what the store holds is damaged: pool "p", inquiry k: its checksum is %08x, and what it says has %08x`, sum+1, sum))
}

func TestRefs(t *testing.T) {
	t.Parallel()
	m := adapters.MessageRef{ID: inquiry.DeriveID("m"), Inquiry: inquiry.DeriveID("i"), Revision: 2}
	for _, m := range []adapters.MessageRef{m, {}} {
		sum := record.RefSum("p", m, "inbound")
		require.NoError(t, record.CheckRef(sum, "p", m, "inbound"))
		require.NoError(t, record.CheckRefText(sum, "p", m.ID.String(), m.Inquiry.String(), m.Revision, "inbound"))
		for name, lie := range map[string]func(*adapters.MessageRef){
			"another inquiry": func(m *adapters.MessageRef) { m.Inquiry = inquiry.DeriveID("j") }, "another revision": func(m *adapters.MessageRef) { m.Revision++ },
			"another message": func(m *adapters.MessageRef) { m.ID = inquiry.DeriveID("n") },
		} {
			other := m
			lie(&other)
			require.ErrorIs(t, record.CheckRef(sum, "p", other, "inbound"), adapters.ErrDamaged, name)
			require.ErrorIs(t, record.CheckRefText(sum, "p", other.ID.String(), other.Inquiry.String(), other.Revision, "inbound"), adapters.ErrDamaged, name)
		}
		require.ErrorIs(t, record.CheckRef(sum, "p", m, "outbound"), adapters.ErrDamaged)
		require.ErrorIs(t, record.CheckRef(sum, "q", m, "inbound"), adapters.ErrDamaged, "H7 of another pool")
	}
	o := inquiry.Outcome{Input: inquiry.DeriveID("in"), Inquiry: inquiry.DeriveID("i"), Refused: inquiry.NotOffered, Detail: "taken", Seq: 7}
	sum := record.OutcomeSum("p", &o)
	require.NoError(t, record.CheckOutcome(sum, "p", &o))
	for _, lie := range []func(*inquiry.Outcome){
		func(o *inquiry.Outcome) { o.Input = inquiry.DeriveID("an") }, func(o *inquiry.Outcome) { o.Inquiry = inquiry.ID{} },
		func(o *inquiry.Outcome) { o.Refused = "" }, func(o *inquiry.Outcome) { o.Detail = "" }, func(o *inquiry.Outcome) { o.Seq++ },
	} {
		other := o
		lie(&other)
		require.ErrorIs(t, record.CheckOutcome(sum, "p", &other), adapters.ErrDamaged, "%+v", other)
	}
	require.NoError(t, record.LostInputs("p", 2, 2))
	require.NoError(t, record.LostInputs("p", 3, 2), "what is put in between is no loss")
	require.ErrorContains(t, record.LostInputs("p", 1, 2), "2 are in the inbox, and the index of their order leads to 1 of them")
}

func TestMessagesAndDetails(t *testing.T) {
	t.Parallel()
	m := inquiry.Message{
		Pool: "p", ID: inquiry.DeriveID("m"), Inquiry: inquiry.DeriveID("i"), External: "e", Channel: "email", Reply: inquiry.DeriveID("r"),
		FoundBy: "zoe", Text: "a\x00b", Salt: []byte{1, 2}, Author: inquiry.Author{Name: "Ada", Identities: []inquiry.Identity{{Channel: "x", External: "y"}}},
	}
	text, err := record.Message(&m)
	require.NoError(t, err)
	for _, key := range []string{m.Pool, m.ID.String(), m.Inquiry.String()} {
		require.NotContains(t, text, `"`+key+`"`, "what the key says anyhow")
	}
	back, err := record.ReadMessage(text, m.Pool, m.ID, m.Inquiry)
	require.NoError(t, err)
	require.Equal(t, m, back)
	d := inquiry.Details{ID: m.Inquiry, Labels: []string{"a"}, Author: m.Author, Subject: "s", FoundBy: "zoe"}
	text, err = record.Details(&d)
	require.NoError(t, err)
	details, err := record.ReadDetails(text, "p", d.ID)
	require.NoError(t, err)
	require.Equal(t, d, details)
	_, err = record.ReadDetails("{", "p", d.ID)
	require.ErrorIs(t, err, adapters.ErrDamaged)
}

func TestRestore(t *testing.T) {
	t.Parallel()
	refusal, broken := errors.New("enough"), errors.New("the disk is gone")
	none := func(adapters.Recovery) error { return nil }
	open := func(*inquiry.Row, []adapters.MessageRef) error { return nil }
	failed := func(err error) error {
		if err == nil {
			return nil
		}
		return fmt.Errorf("store: %w", err)
	}
	for name, c := range map[string]struct {
		begin func(adapters.Recovery) error
		open  func(*inquiry.Row, []adapters.MessageRef) error
		end   error
		want  string
	}{
		"all is well":                 {none, open, nil, ""},
		"the store fails":             {none, open, broken, "store: the disk is gone"},
		"who restores will not go on": {func(adapters.Recovery) error { return refusal }, open, nil, "enough"},
		"nor with an inquiry":         {none, func(*inquiry.Row, []adapters.MessageRef) error { return refusal }, broken, "enough"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := record.Restore(c.begin, c.open, func(begin func(adapters.Recovery) error, open func(*inquiry.Row, []adapters.MessageRef) error) error {
				if err := begin(adapters.Recovery{}); err != nil {
					return err
				}
				return cmp.Or(open(&inquiry.Row{}, nil), c.end)
			}, failed)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, c.want)
		})
	}
}

func FuzzChain(f *testing.F) {
	f.Add(uint64(1), []byte(`{"format":1,"pool":"p","seq":1,"kind":"queued"}`), []byte("hash"))
	f.Fuzz(func(t *testing.T, seq uint64, event, hash []byte) {
		c := record.Follow("p", 0, 1)
		if _, _, err := c.Next(record.Link{Seq: seq, Event: event, Hash: hash}); err == nil {
			want := inquiry.Hash{}.Then(event)
			require.Equal(t, want[:], hash)
		}
	})
}
