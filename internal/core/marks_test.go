package core

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/appendjson"
	"github.com/answerable-go/answerable/routing"
	"github.com/answerable-go/answerable/sla"
)

// TestAppendedMarksAreThoseOfJSON fills every field of a presence, in all sorts of
// ways: one that is added and not appended is noticed.
func TestAppendedMarksAreThoseOfJSON(t *testing.T) {
	d := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", "online", "signed_off", `"<&>\`, "ümläut"}
	for range 2000 {
		var st ownerState
		for _, f := range reflect.ValueOf(&st).Elem().Fields() {
			switch f.Interface().(type) {
			case time.Time:
				if d.IntN(2) == 0 {
					f.Set(reflect.ValueOf(time.Unix(d.Int64N(1<<32), d.Int64N(2)*d.Int64N(1e9)).UTC()))
				}
			case int:
				f.SetInt(int64(d.IntN(3) * d.IntN(1000)))
			case []returning:
				for n := d.IntN(3); n > 0; n-- {
					st.Returns = append(st.Returns, returning{texts[d.IntN(len(texts))], time.Unix(d.Int64N(1<<32), 0).UTC()})
				}
			case bool:
				f.SetBool(d.IntN(2) == 0)
			default:
				f.SetString(texts[d.IntN(len(texts))])
			}
		}
		require.Equal(t, string(mustJSON(st)), string(st.append(nil)))
		require.Equal(t, string(mustJSON(st.SeenAt)), string(appendjson.Time(nil, st.SeenAt)))
	}
}

// TestMarksOfWhoeverHasAnIDNow has an owner change, leave, and somebody of the
// same id come within a batch: the mark is there once, and the newer one's.
func TestMarksOfWhoeverHasAnIDNow(t *testing.T) {
	c := New("pool")
	first, second := newOwner(inquiry.Owner{ID: "ann"}), newOwner(inquiry.Owner{ID: "ann"})
	c.addOwner(first, monday)
	c.ownerChanged(first)
	c.removeOwner(first)
	gone := newOwner(inquiry.Owner{ID: "bob"})
	c.addOwner(gone, monday)
	c.ownerChanged(gone)
	c.removeOwner(gone)
	c.addOwner(second, monday)
	second.st.Presence = inquiry.Away
	c.markChanged(presenceMark("ann"))
	c.ownerChanged(second)
	require.Equal(t, []inquiry.Mark{
		{Key: "presence/ann", Value: mustJSON(second.st)}, {Key: "presence/bob"},
	}, c.takeMarks(nil))
	require.Empty(t, c.takeMarks(nil))
}

// TestABucketIsSetToEachLimitersState holds the bucket that limiters share against
// one of x/time/rate that is made anew for each.
func TestABucketIsSetToEachLimitersState(t *testing.T) {
	d := rand.New(rand.NewPCG(3, 4))
	pers := []time.Duration{time.Millisecond, time.Second, time.Minute, 7 * time.Minute, time.Hour, 365 * 24 * time.Hour}
	for range 200 {
		r := routing.Rate{Events: 1 + d.IntN(1000), Per: sla.Duration(pers[d.IntN(len(pers))]), Burst: 1 + d.IntN(20)}
		b := newBucket(&r)
		for range 50 {
			var empty time.Time
			if d.IntN(5) > 0 {
				empty = time.Unix(d.Int64N(1<<32)-1<<31, d.Int64N(1e9)).UTC()
			}
			fresh := func() *rate.Limiter {
				l := rate.NewLimiter(rate.Limit(float64(r.Events)/time.Duration(r.Per).Seconds()), r.Burst)
				if !empty.IsZero() {
					l.AllowN(empty, r.Burst)
				}
				return l
			}
			now := empty.Add(time.Duration(d.Int64N(int64(2 * time.Duration(r.Per)))))
			is, wanted := b.since(empty), fresh()
			require.Equal(t, wanted.AllowN(now, 1), is.AllowN(now, 1))
			require.Equal(t, wanted.TokensAt(now), is.TokensAt(now)) //nolint:testifylint // to the last bit

			l := limiter{rate: &r, bucket: b}
			if l.set(empty); !empty.IsZero() {
				require.True(t, fresh().AllowN(l.nextAt, 1))
				require.False(t, l.nextAt.Before(empty.Add(b.wait)))
				require.False(t, l.nextAt.Add(-time.Microsecond).After(empty.Add(b.wait)) && fresh().AllowN(l.nextAt.Add(-time.Microsecond), 1))
			}
		}
	}
}
