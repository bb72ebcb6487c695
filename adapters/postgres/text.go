package postgres

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// split is an instant as two columns hold it: microseconds as text, NULL's ”
// for none, and the nanoseconds below.
func split(t time.Time) (text string, nanos int64) {
	if t.IsZero() {
		return "", 0
	}
	t = t.UTC()
	return t.Format("2006-01-02T15:04:05.000000Z"), nanosOf(t)
}

// nanosOf are the nanoseconds of an instant below its microsecond.
func nanosOf(t time.Time) int64 { return int64(t.Nanosecond() % 1000) }

// instantOf is an instant as a parameter, in microseconds, rounded down as split
// does; NULL for none.
func instantOf(t time.Time) pgtype.Timestamptz {
	return pgtype.Timestamptz{Time: t.UTC(), Valid: !t.IsZero()}
}

// uuidOf is an id as a parameter, NULL for none.
func uuidOf(id inquiry.ID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: !id.IsZero()} }

// clean makes a text that a column can hold: PostgreSQL's know neither NUL nor
// what is not UTF-8.
func clean(s string) string {
	if storable(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// storable reports whether columns can hold texts as they are.
func storable(texts ...string) bool {
	for _, s := range texts {
		if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
			return false
		}
	}
	return true
}

// listText is a list as JSON, the empty text for an empty one.
func listText[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	return record.JSON(list)
}

// readJSON reads what a column holds; an empty one leaves v as it is.
func readJSON(what, text string, v any) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("%s cannot be read: %w", what, err)
	}
	return nil
}

// uuidsOf are ids as a parameter of type uuid[], which pgx sends in whatever way
// the connection has.
func uuidsOf(ids []inquiry.ID) []pgtype.UUID {
	list := make([]pgtype.UUID, len(ids))
	for i, id := range ids {
		list[i] = uuidOf(id)
	}
	return list
}

// idOf reads a uuid column, of which NULL is no id.
type idOf struct{ id *inquiry.ID }

// ScanUUID implements [pgtype.UUIDScanner], for ids that come as their bytes.
func (f idOf) ScanUUID(v pgtype.UUID) error {
	*f.id = v.Bytes
	return nil
}

// Scan implements [database/sql.Scanner].
func (f idOf) Scan(value any) (err error) {
	switch v := value.(type) {
	case nil:
		*f.id = inquiry.ID{}
		return nil
	case string:
		*f.id, err = inquiry.ParseID(v)
		return err
	}
	return fmt.Errorf("want a uuid, found %T", value)
}

// spread calls fn for 0 to n-1, on all processors if there is enough to do.
func spread(n int, fn func(i int) error) error {
	const least = 64 // what is worth a goroutine
	workers := min(n/least, runtime.GOMAXPROCS(0))
	if workers < 2 {
		for i := range n {
			if err := fn(i); err != nil {
				return err
			}
		}
		return nil
	}
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := n * w / workers; i < n*(w+1)/workers && errs[w] == nil; i++ {
				errs[w] = fn(i)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
