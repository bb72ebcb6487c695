package postgres_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/postgres"
)

// documented are the columns that SCHEMA.md has, as "table.column TYPE".
func documented(t *testing.T) (columns []string) {
	t.Helper()
	text, err := os.ReadFile("SCHEMA.md")
	require.NoError(t, err)
	row := regexp.MustCompile("^\\| `([a-z_]+)` \\| ([A-Za-z]+) \\| .{3,} \\|$")
	table := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if name, ok := strings.CutPrefix(line, "## "); ok {
			table = name
		}
		if m := row.FindStringSubmatch(line); m != nil {
			columns = append(columns, table+"."+m[1]+" "+m[2])
		}
	}
	return columns
}

func TestSchemaIsDocumented(t *testing.T) {
	t.Parallel()
	cfg := postgres.Config{Schema: schema(t)}
	s := open(t, cfg)
	found := get[[]string](t, s.Pool(), `SELECT array_agg(table_name || '.' || column_name || ' ' ||
		CASE data_type WHEN 'timestamp with time zone' THEN 'timestamptz' WHEN 'timestamp without time zone' THEN 'timestamp' ELSE data_type END)
		FROM information_schema.columns WHERE table_schema = $1`, cfg.Schema)
	t.Run("H8 SCHEMA.md has every table and column that there is, with its type, and no other", func(t *testing.T) {
		require.ElementsMatch(t, found, documented(t))
	})
}
