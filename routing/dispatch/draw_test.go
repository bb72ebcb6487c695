package dispatch_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

func TestRand(t *testing.T) {
	t.Parallel()

	drawn := func(t *testing.T, change func(*house)) (id inquiry.ID, salt []byte) {
		inHouse(t, change, func(h *house) {
			m := h.message("kim")
			m.External = "always the same"
			r, err := h.Submit(h.ctx, m)
			require.NoError(h.t, err)
			ms, err := h.Messages(h.ctx, r.Inquiry)
			require.NoError(h.t, err)
			id, salt = r.Inquiry, ms[0].Salt
			require.Equal(h.t, byte(7), id[6]>>4, "a UUIDv7")
			if h.cfg.Rand != nil { // the system's has the real time
				require.Equal(h.t, uint64(h.Now().UnixMilli()), binary.BigEndian.Uint64(id[:8])>>16)
			}
			require.Equal(h.t, byte(2), id[8]>>6)
			require.Len(h.t, salt, 16)
		})
		return id, salt
	}
	seeded := func(h *house) { h.cfg.Rand = rand.NewChaCha8([32]byte{7}) }

	t.Run("H3 the same source of randomness draws the same ids and salts", func(t *testing.T) {
		t.Parallel()
		id, salt := drawn(t, seeded)
		again, saltAgain := drawn(t, seeded)
		require.Equal(t, id, again)
		require.Equal(t, salt, saltAgain)
	})
	t.Run("without one, or with one that fails, no two are the same", func(t *testing.T) {
		t.Parallel()
		id, salt := drawn(t, nil)
		other, otherSalt := drawn(t, func(h *house) { h.cfg.Rand = iotest.ErrReader(errBroken) })
		third, _ := drawn(t, func(h *house) { h.cfg.Rand = iotest.ErrReader(errBroken) })
		require.NotEqual(t, id, other)
		require.NotEqual(t, other, third)
		require.NotEqual(t, salt, otherSalt)
	})
}
