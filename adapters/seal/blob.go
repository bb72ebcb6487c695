package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// A blob is a header, a random nonce and what AES-256-GCM made of the content
// (NIST SP 800-38D). The header says how to open it: the format, whose key, and
// which of the keys that this person had. It is authenticated together with the
// place, so that a blob opens nowhere but where it was sealed.
const (
	blobFormat = 1
	headerSize = 1 + len(inquiry.ID{}) + len(fingerprint{})
	nonceSize  = 12
)

// fingerprint tells one key of a person from a later one.
type fingerprint [8]byte

func fingerprintOf(key []byte) (f fingerprint) {
	h := sha256.New()
	h.Write([]byte("answerable/seal fingerprint 1\n")) // a hash never fails
	h.Write(key)
	copy(f[:], h.Sum(nil))
	return f
}

// lock is a key ready for use.
type lock struct {
	person inquiry.ID
	print  fingerprint
	aead   cipher.AEAD
}

func newLock(person inquiry.ID, key []byte) (*lock, error) {
	if len(key) != adapters.KeySize {
		return nil, fmt.Errorf("seal: %w: the keyring's key of %s has %d bytes: want %d", adapters.ErrDamaged, person, len(key), adapters.KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return &lock{person: person, print: fingerprintOf(key), aead: aead}, nil
}

// place is where a blob belongs.
type place struct {
	pool, kind string
	input, id  inquiry.ID
	revision   int
}

// bound is what a blob is authenticated with: its header and its place, each
// part of which has a fixed size or its length before it.
func (p *place) bound(header []byte) []byte {
	b := make([]byte, 0, len(header)+2*8+len(p.pool)+len(p.kind)+len(p.input)+len(p.id)+8)
	b = append(b, header...)
	for _, s := range []string{p.pool, p.kind} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = append(b, p.input[:]...)
	b = append(b, p.id[:]...)
	return binary.BigEndian.AppendUint64(b, uint64(p.revision))
}

func (l *lock) seal(p *place, content []byte) []byte {
	blob := make([]byte, headerSize+nonceSize, headerSize+nonceSize+len(content)+l.aead.Overhead())
	blob[0] = blobFormat
	copy(blob[1:], l.person[:])
	copy(blob[1+len(l.person):], l.print[:])
	nonce := blob[headerSize:]
	_, _ = rand.Read(nonce) // never fails
	return l.aead.Seal(blob, nonce, content, p.bound(blob[:headerSize]))
}

func (l *lock) open(p *place, blob []byte) ([]byte, error) {
	content, err := l.aead.Open(nil, blob[headerSize:headerSize+nonceSize], blob[headerSize+nonceSize:], p.bound(blob[:headerSize]))
	if err != nil {
		return nil, p.damaged("the key of %s is the right one and does not open it here: it was changed, or sealed for another place", l.person)
	}
	return content, nil
}

// header reads whose key opens a blob.
func (p *place) header(blob []byte) (person inquiry.ID, which fingerprint, err error) {
	switch {
	case len(blob) < headerSize+nonceSize:
		return person, which, p.damaged("what is sealed has %d bytes: too few", len(blob))
	case blob[0] != blobFormat:
		return person, which, p.damaged("what is sealed has the format %d, this version reads %d: written by a newer version?", blob[0], blobFormat)
	}
	copy(person[:], blob[1:])
	copy(which[:], blob[1+len(person):])
	return person, which, nil
}

func (p *place) damaged(format string, args ...any) error {
	e := &adapters.DamageError{Pool: p.pool, Kind: p.kind, Key: p.id.String(), Detail: fmt.Sprintf(format, args...)}
	if !p.input.IsZero() {
		e.Kind, e.Key = "input", p.input.String()
	}
	return e
}
