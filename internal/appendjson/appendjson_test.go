package appendjson_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/internal/appendjson"
)

func same(t *testing.T, v any, got []byte) {
	t.Helper()
	want, err := json.Marshal(v)
	require.NoError(t, err)
	require.Equal(t, "before"+string(want), string(got))
}

func FuzzString(f *testing.F) {
	for _, s := range []string{"", "plain", `"quoted"`, `back\slash`, "<&>", "ümläut", "\x00\x1f\x7f", "\u2028", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		same(t, s, appendjson.String([]byte("before"), s))
	})
}

func FuzzTime(f *testing.F) {
	f.Add(int64(0), int64(0), 0)
	f.Add(int64(1_700_000_000), int64(120_000_000), 0)
	f.Add(int64(-62_135_596_800), int64(0), 0) // the zero time
	f.Add(int64(253_402_300_799), int64(999_999_999), 0)
	f.Add(int64(1_700_000_000), int64(1), 3600)
	f.Add(int64(1_700_000_000), int64(1000), -5400)
	f.Fuzz(func(t *testing.T, sec, nsec int64, offset int) {
		at := time.Unix(sec, nsec).UTC()
		if offset != 0 {
			at = at.In(time.FixedZone("", offset))
		}
		if _, err := json.Marshal(at); err != nil {
			require.Panics(t, func() { appendjson.Time(nil, at) })
			return
		}
		same(t, at, appendjson.Time([]byte("before"), at))
	})
}

func TestNumbers(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 1 << 62, -1 << 63} {
		same(t, n, appendjson.Int([]byte("before"), n))
	}
}
