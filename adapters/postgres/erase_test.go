package postgres_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/postgres"
	"github.com/answerable-go/answerable/adapters/seal"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/routing/dispatch"
	"github.com/answerable-go/answerable/sla"
)

// dump is all that a schema's tables say, as a dump of the database would have it.
func dump(t *testing.T, schema string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	rows, err := conn.Query(t.Context(), "SELECT table_name FROM information_schema.tables WHERE table_schema = $1", schema)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.NotEmpty(t, tables)
	var all strings.Builder
	for _, table := range tables {
		name := pgx.Identifier{schema, table}.Sanitize()
		rows, err := conn.Query(t.Context(), "SELECT t::text FROM "+name+" t")
		require.NoError(t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		all.WriteString(strings.Join(lines, "\n"))
	}
	return all.String()
}

func TestErase(t *testing.T) {
	t.Parallel()
	const word = "Kanarienvogel"
	readable := func(dump string) bool {
		return strings.Contains(dump, word) || strings.Contains(dump, base64.StdEncoding.EncodeToString([]byte(word))[:16])
	}
	for name, sealed := range map[string]bool{
		"H6 no table has a readable word, and who is erased is gone for the Engine": true,
		"H6 the search finds them where nothing is sealed":                          false,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			schema := used(t)
			raw, err := postgres.Open(t.Context(), dsn(t), postgres.Config{Schema: schema})
			require.NoError(t, err)
			var store adapters.Store = raw
			if sealed {
				store, err = seal.New(raw, seal.NewMemory(), seal.Config{})
				require.NoError(t, err)
			}
			defer func() { require.NoError(t, store.Close()) }()
			policy := routing.Policy{
				Version: "v1", Sink: "head",
				Default: routing.Settings{Targets: []sla.Target{sla.Within(sla.Resolve, 8*time.Hour, "")}},
			}
			e, err := dispatch.New(store, policy, dispatch.Config{Node: "node", Directory: adapters.Owners{{ID: "head", Capacity: 100}}})
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- e.Run(ctx) }()
			<-e.Ready()
			author := inquiry.Author{External: word + "@example.org", Name: word}
			r, err := e.Submit(t.Context(), inquiry.Message{External: word, Channel: "email", Author: author, Subject: word, Text: word})
			require.NoError(t, err)
			cancel()
			require.NoError(t, <-ended)
			_, err = e.Submit(t.Context(), inquiry.Message{External: word + "2", Channel: "email", Author: author, Text: word})
			require.True(t, inquiry.IsPending(err), "%v", err)

			require.Equal(t, !sealed, readable(dump(t, schema)))
			ms, err := e.Messages(t.Context(), r.Inquiry)
			require.NoError(t, err)
			require.Equal(t, word, ms[0].Text)
			if !sealed {
				return
			}
			require.NoError(t, e.Erase(t.Context(), "email", author))
			ms, err = e.Messages(t.Context(), r.Inquiry)
			require.NoError(t, err)
			require.True(t, ms[0].Erased())
			_, damage, err := e.Check(t.Context())
			require.NoError(t, err)
			require.Empty(t, damage)
		})
	}
}
