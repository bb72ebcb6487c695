package sqlite_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/sqlite"
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
	s := open(t, file(t), sqlite.Config{})
	rows, err := s.DB().QueryContext(t.Context(), `SELECT t.name || '.' || c.name || ' ' || c.type FROM sqlite_schema t, pragma_table_info(t.name) c
		WHERE t.type = 'table' AND t.name LIKE 'answerable%'`)
	require.NoError(t, err)
	var found []string
	for rows.Next() {
		var column string
		require.NoError(t, rows.Scan(&column))
		found = append(found, column)
	}
	require.NoError(t, rows.Err())
	require.NoError(t, rows.Close())
	t.Run("H8 SCHEMA.md has every table and column that there is, with its type, and no other", func(t *testing.T) {
		require.ElementsMatch(t, found, documented(t))
	})
}
