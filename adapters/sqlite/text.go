package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/answerable-go/answerable/adapters/record"
	"github.com/answerable-go/answerable/inquiry"
)

// instant is the form of times in columns. Its width is fixed, so that times
// sort as text.
const instant = "2006-01-02T15:04:05.000000000Z"

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(instant)
}

func parseTime(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(instant, s)
}

// nullable is NULL for the empty text.
func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// listText is a list as JSON, the empty text for an empty one.
func listText[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "", nil
	}
	return record.JSON(list)
}

// spread calls fn for 0 to n-1, on all processors if there is enough to do: a
// large commit's JSON takes half as long as the writing of it.
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

// idsText is a JSON array of ids, to be read with json_each.
func idsText(ids []inquiry.ID) string {
	b := make([]byte, 0, 2+39*len(ids))
	b = append(b, '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, id.String()...)
		b = append(b, '"')
	}
	return string(append(b, ']'))
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

// markValue keeps text readable as text. SQLite's tools end a text at a NUL.
func markValue(b []byte) any {
	if !utf8.Valid(b) || slices.Contains(b, 0) {
		return b
	}
	return string(b)
}
