package sqlite

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// TestWhatAPoolHasLost flips bits of the pool's name wherever it stands in a file:
// searches pass over that place from then on, and maybe over others.
func TestWhatAPoolHasLost(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := filled(t, 3)
	image := vacuumed(t, s)
	want := serves(ctx, s, nil, nil, nil)
	require.Empty(t, want.errs)
	path := filepath.Join(t.TempDir(), "flipped.db")
	serve := func(image []byte) served {
		require.NoError(t, os.WriteFile(path, image, 0o600))
		db, err := openDB(path)
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		return serves(ctx, &Store{readers: db}, nil, nil, nil)
	}
	sound := serve(image)
	require.Empty(t, sound.errs)
	require.Empty(t, unlike(sound, want))
	places, met := 0, 0
	for i := 0; i+7 < len(image); i++ {
		if string(image[i:i+7]) != "support" {
			continue
		}
		places++
		for _, bit := range []int{0, 2} { // to r, before it, and to w, behind it
			flipped := slices.Clone(image)
			flipped[i] ^= 1 << bit
			got := serve(flipped)
			require.Empty(t, unlike(got, want), "H1 nothing is served of which something was lost: byte %d of page %d", i%4096, i/4096+1)
			if len(got.errs) > 0 {
				met++
			}
		}
	}
	require.Greater(t, places, 100)
	require.Greater(t, met, places/4)
}

// talking is a store in which three inquiries have two messages of the customer and a
// reply each.
func talking(t *testing.T) (*Store, []inquiry.ID) {
	t.Helper()
	s := opened(t, Config{})
	term := led(t, s, "support")
	ids := []inquiry.ID{inquiry.DeriveID("1"), inquiry.DeriveID("2"), inquiry.DeriveID("3")}
	slices.SortFunc(ids, inquiry.ID.Compare)
	b := inquiry.Batch{Events: []inquiry.Event{{Format: inquiry.Format, Pool: "support", Seq: 1, Kind: inquiry.Queued, Inquiry: ids[0], Version: 1}}}
	for _, id := range ids {
		b.Changed = append(b.Changed, inquiry.Row{Pool: "support", ID: id, Version: 1, State: inquiry.StateQueued, Inbound: 2})
		for _, name := range []string{"first", "second", "reply"} {
			m := inquiry.Message{Pool: "support", ID: inquiry.DeriveID(id.String(), name), Inquiry: id, Text: name}
			if name == "reply" {
				m.Direction = inquiry.FromUs
			}
			b.Messages = append(b.Messages, m)
		}
	}
	// One leads another: what its row counts of that is stored there.
	b.Changed[0].Inbound, b.Changed[0].Merged = 4, []inquiry.Merged{{Inquiry: ids[1], Inbound: 2}}
	require.NoError(t, s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: b}))
	return s, ids
}

// TestWhatAnIndexHasLost flips a bit of each entry of the index of messages by
// inquiry: of a message of the customer, and of a reply. A search by it passes
// over that entry from then on, and maybe over others.
func TestWhatAnIndexHasLost(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, ids := talking(t)
	want := serves(ctx, s, ids, nil, nil)
	require.Empty(t, want.errs)
	image := vacuumed(t, s)
	path, n, lost := filepath.Join(t.TempDir(), "flipped.db"), 0, 0
	for _, id := range ids {
		for _, at := range entries(t, image, "answerable_messages_inquiry", "support"+id.String()) {
			n++
			for bit := range 7 {
				flipped := slices.Clone(image)
				flipped[at] ^= 1 << bit
				require.NoError(t, os.WriteFile(path, flipped, 0o600))
				wrong, met, found := looked(ctx, t, path, ids, nil, nil, want)
				require.Empty(t, wrong, "H1 no list is served of which an index has lost something")
				require.True(t, found)
				if met {
					lost++
				}
			}
		}
	}
	require.Equal(t, 9, n)
	// Of the others the search takes no notice: it ends at the first key behind the wanted one.
	require.Greater(t, lost, 9*7/2, "H1 it is met in reading, and needs no check")
}

// TestWhereAnIndexLeads has each entry of the index of messages by inquiry lead to each
// message in turn.
func TestWhereAnIndexLeads(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, ids := talking(t)
	image := vacuumed(t, s)
	whole, err := s.Recover(ctx, "support")
	require.NoError(t, err)
	tried, met := 0, 0
	for i, id := range ids {
		want, err := s.Messages(ctx, "support", id)
		require.NoError(t, err)
		key := "support" + id.String()
		for _, at := range entries(t, image, "answerable_messages_inquiry", key) {
			place := at + len(key) // of the message, but for the first, whose number has no byte of its own
			if i == 0 && at == entries(t, image, "answerable_messages_inquiry", key)[2] {
				continue
			}
			for n := byte(2); n <= 9; n++ {
				if n == image[place] {
					continue
				}
				tried++
				turned := slices.Clone(image)
				turned[place] = n
				read := onImage(t, turned)
				if got, err := read.Recover(ctx, "support"); err == nil {
					require.Equal(t, whole.Messages, got.Messages, "H1 none is recovered twice, or as another inquiry's")
				} else {
					require.ErrorIs(t, err, adapters.ErrDamaged)
					met++
				}
				_, err := read.Messages(ctx, "support", id)
				require.ErrorIs(t, err, adapters.ErrDamaged)
				if int(n-1)/3 == i {
					require.ErrorContains(t, err, "an index leads to it twice", "H1 a message is served once")
				} else {
					require.ErrorContains(t, err, "what its row says of its inquiry", "H1 a message is served at its own inquiry only")
				}
			}
		}
		require.Len(t, want, 3)
	}
	require.Equal(t, 8*7, tried)
	require.Greater(t, met, tried/2, "but where one reply's entry leads to another reply")
}

// TestWhatAWorklistHasLost flips bits of the entries of the index of owners.
func TestWhatAWorklistHasLost(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := opened(t, Config{})
	term := led(t, s, "support")
	b := inquiry.Batch{Events: []inquiry.Event{{Format: inquiry.Format, Pool: "support", Seq: 1, Kind: inquiry.Queued, Version: 1}}}
	for i, owner := range []inquiry.OwnerID{"mia", "mia", "mia", "tom", "zoe", ""} {
		r := inquiry.Row{Pool: "support", ID: inquiry.NewID(), Version: 1, State: inquiry.StateAssigned, Owner: owner, Due: benchStart}
		if i == 2 {
			r.State = inquiry.StateClosed
		}
		if owner == "" {
			r.State, r.Offers = inquiry.StateOffered, []inquiry.Offer{{Owner: "mia", At: benchStart, Expires: benchStart}}
		}
		b.Changed = append(b.Changed, r)
	}
	require.NoError(t, s.Append(ctx, adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: b}))
	q := inquiry.Query{Pool: "support", Owner: "mia", States: []inquiry.State{inquiry.StateOffered, inquiry.StateAssigned, inquiry.StatePending}}
	want, err := s.Find(ctx, q)
	require.NoError(t, err)
	require.Len(t, want, 3)
	image := vacuumed(t, s)
	for _, limit := range []int{1, 2, 3, 4} {
		part := q
		part.Limit = limit
		found, err := s.Find(ctx, part)
		require.NoError(t, err)
		require.Equal(t, want[:min(limit, 3)], found)
	}
	t.Run("H1 no worklist is served of which an index has lost something", func(t *testing.T) {
		tried, met := 0, 0
		for _, at := range entries(t, image, "answerable_inquiries_owner_live", "supportmia") {
			for i := range len("supportmia") {
				for bit := range 7 {
					tried++
					flipped := slices.Clone(image)
					flipped[at+i] ^= 1 << bit
					if found, err := onImage(t, flipped).Find(ctx, q); err == nil {
						require.Equal(t, want, found)
					} else {
						require.ErrorIs(t, err, adapters.ErrDamaged)
						met++
					}
				}
			}
		}
		require.Equal(t, 2*10*7, tried)
		require.Greater(t, met, tried/2)
	})
}

// TestSpoiltPage spoils a page of the table of inquiries, others of which can be read.
func TestSpoiltPage(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := opened(t, Config{})
	term := led(t, s, "support")
	b := inquiry.Batch{Events: []inquiry.Event{{Format: inquiry.Format, Pool: "support", Seq: 1, Kind: inquiry.Queued, Version: 1}}}
	for i := range 60 {
		b.Changed = append(b.Changed, inquiry.Row{Pool: "support", ID: inquiry.NewID(), Version: 1, State: inquiry.StateQueued, Rule: fmt.Sprint("rule ", i, strings.Repeat(".", 400))})
	}
	require.NoError(t, s.Append(ctx, adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: b}))
	image := vacuumed(t, s)
	image[bytes.Index(image, []byte("rule 40"))/4096*4096] = 0xff // no kind of page
	read := onImage(t, image)

	t.Run("H1 no list is served that ends where the file cannot be read on", func(t *testing.T) {
		found, err := read.Find(ctx, inquiry.Query{Pool: "support"})
		require.ErrorIs(t, err, adapters.ErrDamaged)
		require.Empty(t, found)
		found, err = read.Find(ctx, inquiry.Query{Pool: "support", Limit: 10})
		require.NoError(t, err, "what is on other pages is")
		require.Len(t, found, 10)
	})
	t.Run("H1 a check says which table it is, and goes on with the next", func(t *testing.T) {
		var kinds []string
		checked, err := read.Check(ctx, "support", func(e *adapters.DamageError) { kinds = append(kinds, e.Kind) })
		require.NoError(t, err)
		require.Contains(t, kinds, "file")
		require.Greater(t, checked.Records, 20, "some inquiries")
	})
	t.Run("H1 a file that is none of SQLite's any more is damaged", func(t *testing.T) {
		spoilt := slices.Clone(image)
		copy(spoilt, "Dear diary")
		_, err := onImage(t, spoilt).Find(ctx, inquiry.Query{Pool: "support"})
		require.ErrorIs(t, err, adapters.ErrDamaged)
	})
}

// TestWhatIsAskedForByID flips bits of the entries of the index of ids.
func TestWhatIsAskedForByID(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, ids := talking(t)
	image := vacuumed(t, s)
	q := inquiry.Query{Pool: "support", IDs: append(ids, inquiry.NewID())}
	want, err := s.Find(ctx, q)
	require.NoError(t, err, "H1 what there is not is not lost")
	require.Len(t, want, 3)
	tried, met := 0, 0
	for _, id := range ids {
		key := "support" + id.String()
		for _, at := range entries(t, image, "sqlite_autoindex_answerable_inquiries_1", key) {
			for i := range len(key) {
				tried++
				flipped := slices.Clone(image)
				flipped[at+i] ^= 1 << (i % 7)
				if found, err := onImage(t, flipped).Find(ctx, q); err == nil {
					require.Equal(t, want, found, "H1 no live inquiry is passed over")
				} else {
					require.ErrorIs(t, err, adapters.ErrDamaged)
					met++
				}
			}
		}
	}
	require.Equal(t, 3*(7+36), tried)
	require.Greater(t, met, tried/2)
}

// TestWhatTheInboxHasLost flips bits of the entries of the index by which the inbox is
// listed, and of the one by which it is counted.
func TestWhatTheInboxHasLost(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := filled(t, 3)
	want, err := s.Pending(ctx, "support", 100)
	require.NoError(t, err)
	require.Len(t, want, 5)
	image := vacuumed(t, s)
	pending := func(image []byte, limit int) ([]inquiry.Input, error) {
		return onImage(t, image).Pending(ctx, "support", limit)
	}
	for limit := 1; limit < 7; limit++ {
		got, err := pending(image, limit)
		require.NoError(t, err)
		require.Equal(t, want[:min(limit, 5)], got)
	}
	for index, least := range map[string]int{"answerable_inbox_order": 5 * 7 / 2, "sqlite_autoindex_answerable_inbox_1": 0} {
		t.Run("H1 no list is served of which an index has lost something: "+index, func(t *testing.T) {
			met := 0
			for _, at := range entries(t, image, index, "support") {
				for bit := range 7 {
					flipped := slices.Clone(image)
					flipped[at] ^= 1 << bit
					if got, err := pending(flipped, 100); err == nil {
						require.Equal(t, want, got)
					} else {
						require.ErrorIs(t, err, adapters.ErrDamaged)
						met++
					}
				}
			}
			require.GreaterOrEqual(t, met, least)
		})
	}
}

// vacuumed is the file of a store as one piece.
func vacuumed(t *testing.T, s *Store) []byte {
	t.Helper()
	clean := filepath.Join(t.TempDir(), "clean.db")
	_, err := s.DB().ExecContext(t.Context(), "VACUUM INTO ?", clean)
	require.NoError(t, err)
	image, err := os.ReadFile(clean)
	require.NoError(t, err)
	return image
}

// onImage is a store that reads a file.
func onImage(t *testing.T, image []byte) *Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "image.db")
	require.NoError(t, os.WriteFile(path, image, 0o600))
	db, err := openDB(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return &Store{readers: db}
}

// entries are where a key stands in an index of one page.
func entries(t *testing.T, image []byte, index, key string) (at []int) {
	t.Helper()
	var page int
	require.NoError(t, onImage(t, image).readers.QueryRowContext(t.Context(), "SELECT rootpage FROM sqlite_schema WHERE name = ?", index).Scan(&page))
	for i := (page - 1) * 4096; i < page*4096; i++ {
		if bytes.HasPrefix(image[i:], []byte(key)) {
			at = append(at, i)
		}
	}
	require.NotEmpty(t, at)
	return at
}

// TestWhatRecoveryHasLost flips bits of what holds together each table and index by
// which a pool is recovered: how many entries a page has, where they are, and how
// each is put together and sorted. What SQLite then finds may be less, or of another
// kind than any value that was written.
func TestWhatRecoveryHasLost(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := filled(t, 3)
	want := serves(ctx, s, nil, nil, nil).recovery
	image := vacuumed(t, s)
	path := filepath.Join(t.TempDir(), "flipped.db")
	require.NoError(t, os.WriteFile(path, image, 0o600))
	db, err := openDB(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	db.SetMaxOpenConns(1)
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	changes := binary.BigEndian.Uint32(image[24:])
	recovers := func(at int, as byte) (adapters.Recovery, error) {
		changes++ // by which SQLite notices that it has to read the file again
		_, err := file.WriteAt(binary.BigEndian.AppendUint32(nil, changes), 24)
		require.NoError(t, err)
		_, err = file.WriteAt([]byte{as}, int64(at))
		require.NoError(t, err)
		return (&Store{readers: db}).Recover(ctx, "support")
	}
	for _, tree := range []string{
		"answerable_marks", "answerable_terms", "answerable_outbox", "sqlite_autoindex_answerable_outbox_1", "answerable_inquiries",
		"answerable_inquiries_live", "answerable_inquiries_state", "answerable_messages", "answerable_messages_inquiry",
	} {
		var root, met int
		require.NoError(t, db.QueryRowContext(ctx, "SELECT rootpage FROM sqlite_schema WHERE name = ?", tree).Scan(&root))
		places := structure(image, root)
		for _, place := range places {
			for bit := range 8 {
				got, err := recovers(place, image[place]^1<<bit)
				_, broken := file.WriteAt(image[place:place+1], int64(place))
				require.NoError(t, broken)
				if err != nil {
					met++
					require.ErrorIs(t, err, adapters.ErrDamaged)
					continue
				}
				require.True(t, equal(got, want), "H1 nothing is recovered of which something was lost: bit %d of byte %d of page %d, %s", bit, place%4096, place/4096+1, tree)
			}
		}
		t.Logf("%s: %d of %d bits met", tree, met, 8*len(places))
		_ = 0
	}
	got, err := recovers(0, image[0])
	require.NoError(t, err)
	require.True(t, equal(got, want))
}

// structure is where the bytes are that hold together the pages of a table or an
// index from a page on: how many entries there are, where each is, how long it and its
// columns are and of which kinds, and of an index to which row it leads.
func structure(image []byte, page int) (places []int) {
	from := (page - 1) * 4096
	in := image[from : from+4096]
	places = append(places, from+3, from+4)
	cells := int(binary.BigEndian.Uint16(in[3:]))
	if in[0] == 5 { // above the pages of a table
		places = append(places, structure(image, int(binary.BigEndian.Uint32(in[8:])))...)
		for i := range cells {
			cell := int(binary.BigEndian.Uint16(in[12+2*i:]))
			places = append(places, from+12+2*i, from+13+2*i, from+cell+3, from+cell+4)
			places = append(places, structure(image, int(binary.BigEndian.Uint32(in[cell:])))...)
		}
		return places
	}
	within := map[byte]int{10: 8, 13: 24}[in[0]]
	for i := range cells {
		cell := int(binary.BigEndian.Uint16(in[8+2*i:]))
		places = append(places, from+8+2*i, from+9+2*i)
		for j := range min(within, len(in)-cell) {
			places = append(places, from+cell+j)
		}
		if in[0] == 10 {
			places = append(places, from+cell+int(in[cell]))
		}
	}
	return places
}

// TestWhatBecameOurs has a message come in as the customer's and be called our own
// later. A page of the table on which other messages are is spoilt: whoever reads
// the table from end to end meets that, and whoever goes by the index does not.
func TestWhatBecameOurs(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := opened(t, Config{})
	term := led(t, s, "support")
	turned, other := inquiry.DeriveID("turned"), inquiry.DeriveID("other")
	message := func(of inquiry.ID, name string, revision int, d inquiry.Direction, text string) inquiry.Message {
		return inquiry.Message{Pool: "support", ID: inquiry.DeriveID(of.String(), name), Inquiry: of, Revision: revision, Direction: d, Text: text}
	}
	const spoilt = "stands on a page that is spoilt"
	b := inquiry.Batch{
		Events: []inquiry.Event{{Format: inquiry.Format, Pool: "support", Seq: 1, Kind: inquiry.Queued, Inquiry: turned, Version: 1}},
		Changed: []inquiry.Row{
			{Pool: "support", ID: turned, Version: 1, State: inquiry.StateQueued, Inbound: 3},
			{Pool: "support", ID: other, Version: 1, State: inquiry.StateClosed, Inbound: 3},
		},
	}
	for _, name := range []string{"first", "second", "third"} {
		b.Messages = append(b.Messages, message(turned, name, 1, inquiry.FromCustomer, name))
	}
	for _, name := range []string{"before", spoilt, "behind"} {
		b.Messages = append(b.Messages, message(other, name, 1, inquiry.FromCustomer, name+strings.Repeat(".", 3000)))
	}
	require.NoError(t, s.Append(ctx, adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: b}))
	edit := func(m ...inquiry.Message) {
		require.NoError(t, s.Append(ctx, adapters.Commit{Pool: "support", Epoch: term.Epoch, Head: 1, Batch: inquiry.Batch{Messages: m}}))
	}
	edit(message(turned, "first", 2, inquiry.FromUs, "first"), message(turned, "second", 2, inquiry.FromUs, "second"))
	edit(message(turned, "second", 3, inquiry.FromCustomer, "second"))

	// A split takes one of its own with it, and both rows say so.
	from, off := inquiry.DeriveID("from"), inquiry.DeriveID("off")
	eighth := message(from, "eighth", 1, inquiry.FromCustomer, "eighth")
	edit(eighth, message(from, "ninth", 1, inquiry.FromCustomer, "ninth"))
	rows := func(r ...inquiry.Row) {
		require.NoError(t, s.Append(ctx, adapters.Commit{Pool: "support", Epoch: term.Epoch, Head: 1, Batch: inquiry.Batch{Changed: r}}))
	}
	rows(inquiry.Row{Pool: "support", ID: from, Version: 1, State: inquiry.StateQueued, Inbound: 2})
	eighth.Direction, eighth.Revision = inquiry.FromUs, 2
	edit(eighth)
	rows(inquiry.Row{Pool: "support", ID: from, Version: 2, State: inquiry.StateQueued, Inbound: 1}, inquiry.Row{Pool: "support", ID: off, Version: 1, State: inquiry.StateQueued, Inbound: 1})
	eighth.Inquiry = off
	edit(eighth)

	image := vacuumed(t, s)
	page := bytes.Index(image, []byte(spoilt)) / 4096
	image[page*4096] = 0xff // no kind of page
	read := onImage(t, image)

	t.Run("H1 a spoilt page is met by who reads what is on it", func(t *testing.T) {
		_, err := read.Messages(ctx, "support", other)
		require.ErrorIs(t, err, adapters.ErrDamaged)
	})
	t.Run("A6 a message that became ours has nobody go through all that there are", func(t *testing.T) {
		for id, want := range map[inquiry.ID]int{turned: 3, from: 1, off: 1} {
			messages, err := read.Messages(ctx, "support", id)
			require.NoError(t, err)
			require.Len(t, messages, want)
		}
		rec, err := read.Recover(ctx, "support")
		require.NoError(t, err)
		require.Len(t, rec.Messages, 3)
	})
	t.Run("H1 a check finds nothing wrong with what became ours", func(t *testing.T) {
		_, err := s.Check(ctx, "support", func(e *adapters.DamageError) { t.Error(e) })
		require.NoError(t, err)
	})
	t.Run("A6 one that became ours before that was counted has them gone through once", func(t *testing.T) {
		_, err := s.DB().ExecContext(ctx, "UPDATE answerable_inquiries SET turned = 0")
		require.NoError(t, err)
		require.True(t, s.shortfalls.Note("support", turned, 1))
		messages, err := s.Messages(ctx, "support", turned)
		require.NoError(t, err)
		require.Len(t, messages, 3)
		require.False(t, s.shortfalls.Note("support", turned, 1))

		_, err = read.readers.ExecContext(ctx, "UPDATE answerable_inquiries SET turned = 0")
		require.NoError(t, err)
		_, err = read.Messages(ctx, "support", turned)
		require.ErrorIs(t, err, adapters.ErrDamaged, "they are gone through")
		read.shortfalls.Found("support", turned, 1)
		messages, err = read.Messages(ctx, "support", turned)
		require.NoError(t, err)
		require.Len(t, messages, 3)
	})
}
