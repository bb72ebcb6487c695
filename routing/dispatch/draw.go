package dispatch

import (
	"crypto/rand"
	"encoding/binary"
	"io"
	"sync"

	"github.com/answerable-go/answerable/inquiry"
)

// saltSize is how many bytes stand before a text that is summed up in a digest.
const saltSize = 16

// draws is where ids and salts come from.
type draws struct {
	mu     sync.Mutex
	source io.Reader // nil: the system's
}

// bytes are n random ones. A source of the host's that fails is passed over for
// the system's, which never does: an id that can be drawn again is one that can
// be drawn twice.
func (d *draws) bytes(n int) []byte {
	b := make([]byte, n)
	if d.source != nil {
		d.mu.Lock()
		_, err := io.ReadFull(d.source, b)
		d.mu.Unlock()
		if err == nil {
			return b
		}
	}
	_, _ = rand.Read(b) // never fails
	return b
}

// id draws the id of what is new: a UUIDv7 (RFC 9562, section 5.7).
func (e *Engine) id() (id inquiry.ID) {
	if e.draws.source == nil {
		return inquiry.NewID()
	}
	binary.BigEndian.PutUint64(id[:8], uint64(e.Now().UnixMilli())<<16)
	copy(id[6:], e.draws.bytes(10))
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

func (e *Engine) salt() []byte { return e.draws.bytes(saltSize) }
