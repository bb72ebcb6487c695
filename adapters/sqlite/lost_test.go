package sqlite

import (
	"bytes"
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
	clean := filepath.Join(t.TempDir(), "clean.db")
	_, err := s.DB().ExecContext(ctx, "VACUUM INTO ?", clean)
	require.NoError(t, err)
	image, err := os.ReadFile(clean)
	require.NoError(t, err)
	want := serves(ctx, s, nil, nil)
	require.Empty(t, want.errs)
	path := filepath.Join(t.TempDir(), "flipped.db")
	serve := func(image []byte) served {
		require.NoError(t, os.WriteFile(path, image, 0o600))
		db, err := openDB(path)
		require.NoError(t, err)
		defer func() { require.NoError(t, db.Close()) }()
		return serves(ctx, &Store{readers: db}, nil, nil)
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

// TestWhatAnIndexHasLost flips a bit of each entry of the index of messages by
// inquiry: of a message of the customer, and of a reply. A search by it passes
// over that entry from then on, and maybe over others.
func TestWhatAnIndexHasLost(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
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
	require.NoError(t, s.Append(ctx, adapters.Commit{Pool: "support", Epoch: term.Epoch, Batch: b}))
	want := serves(ctx, s, ids, nil)
	require.Empty(t, want.errs)
	clean := filepath.Join(t.TempDir(), "clean.db")
	_, err := s.DB().ExecContext(ctx, "VACUUM INTO ?", clean)
	require.NoError(t, err)
	image, err := os.ReadFile(clean)
	require.NoError(t, err)
	db, err := openDB(clean)
	require.NoError(t, err)
	var page int
	require.NoError(t, db.QueryRowContext(ctx, "SELECT rootpage FROM sqlite_schema WHERE name = 'answerable_messages_inquiry'").Scan(&page))
	require.NoError(t, db.Close())

	path, entries, lost := filepath.Join(t.TempDir(), "flipped.db"), 0, 0
	for _, id := range ids {
		key, rest, at := []byte("support"+id.String()), image[(page-1)*4096:page*4096], (page-1)*4096
		for i := bytes.Index(rest, key); i >= 0; i = bytes.Index(rest, key) {
			at, rest = at+i+1, rest[i+1:]
			entries++
			for bit := range 7 {
				flipped := slices.Clone(image)
				flipped[at-1] ^= 1 << bit
				require.NoError(t, os.WriteFile(path, flipped, 0o600))
				wrong, met, found := looked(ctx, t, path, ids, nil, want)
				require.Empty(t, wrong, "H1 no list is served of which an index has lost something")
				require.True(t, found)
				if met {
					lost++
				}
			}
		}
	}
	require.Equal(t, 9, entries)
	// Of the others the search takes no notice: it ends at the first key behind the wanted one.
	require.Greater(t, lost, 9*7/2, "H1 it is met in reading, and needs no check")
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

	clean := filepath.Join(t.TempDir(), "clean.db")
	_, err := s.DB().ExecContext(ctx, "VACUUM INTO ?", clean)
	require.NoError(t, err)
	image, err := os.ReadFile(clean)
	require.NoError(t, err)
	page := bytes.Index(image, []byte(spoilt)) / 4096
	image[page*4096] = 0xff // no kind of page
	require.NoError(t, os.WriteFile(clean, image, 0o600))
	db, err := openDB(clean)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	read := &Store{readers: db}

	t.Run("H1 a spoilt page is met by who reads what is on it", func(t *testing.T) {
		_, err := read.Messages(ctx, "support", other)
		require.ErrorIs(t, err, adapters.ErrDamaged)
	})
	t.Run("A6 a message that became ours has nobody go through all that there are", func(t *testing.T) {
		messages, err := read.Messages(ctx, "support", turned)
		require.NoError(t, err)
		require.Len(t, messages, 3)
		rec, err := read.Recover(ctx, "support")
		require.NoError(t, err)
		require.Len(t, rec.Messages, 2)
	})
}
