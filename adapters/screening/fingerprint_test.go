package screening_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/screening"
	"github.com/answerable-go/answerable/inquiry"
)

func TestSameTextSameFingerprint(t *testing.T) {
	t.Parallel()
	s := screening.Fingerprint(nil)
	original := screen(t, s, text("My order 4711 has not arrived, café!")).Fingerprint
	require.Equal(t, inquiry.DeriveID("fingerprint", "myorder4711hasnotarrivedcafe"), original)
	for _, same := range []string{
		"MY ORDER 4711 HAS NOT ARRIVED CAFE",
		"  my   order\n#4711... has not arrived – Cafe\u0301 😡",
		"@acme @AcmeHelp my order 4711 has not arrived, café",
		".@acme my order 4711 has not arrived, café",
		"RT @somebody: My order 4711 has not arrived, café!",
		"rt@somebody @acme My order 4711 has not arrived, café!",
		"My order 4711 has not arrived, café! https://t.co/Xy12",
		"My order HTTP://x.test/a?b 4711 www.example.test/y has not arrived, café!",
	} {
		require.Equal(t, original, screen(t, s, text(same)).Fingerprint, same)
	}
	for _, other := range []string{
		"My order 4712 has not arrived, café!",
		"My order 4711 has arrived, café!",
		"My order 4711 has not arrived, @café!!" + "x",
		"My order 4711 has not arrived, café! awww.",
	} {
		require.NotEqual(t, original, screen(t, s, text(other)).Fingerprint, other)
	}
	long := strings.Repeat("क", screening.MinFingerprint)
	require.NotEqual(t, screen(t, s, text(long+"कि")).Fingerprint, screen(t, s, text(long+"की")).Fingerprint, "vowels that are marks")
	withSubject := screen(t, s, inquiry.Message{Subject: "Order", Text: "My order 4711 has not arrived, café!"}).Fingerprint
	require.NotEqual(t, original, withSubject)
	require.False(t, withSubject.IsZero())
}

func TestShortTextsHaveNoFingerprint(t *testing.T) {
	t.Parallel()
	s := screening.Fingerprint(nil)
	for _, short := range []string{
		"", "Thank you so much!!!", "@acme_support_team_international hello", "https://example.test/a/very/long/address/indeed",
		"😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡😡", strings.Repeat("a", screening.MinFingerprint-1), "@", "RT", "RT @", ".@a",
	} {
		require.True(t, screen(t, s, text(short)).Fingerprint.IsZero(), short)
	}
	require.False(t, screen(t, s, text(strings.Repeat("退", screening.MinFingerprint))).Fingerprint.IsZero())
}

func TestFingerprintWithAKeyIsAnother(t *testing.T) {
	t.Parallel()
	m := text("My order 4711 has not arrived")
	open, a, b := screening.Fingerprint(nil), screening.Fingerprint([]byte("a")), screening.Fingerprint([]byte("b"))
	require.NotEqual(t, screen(t, open, m).Fingerprint, screen(t, a, m).Fingerprint)
	require.NotEqual(t, screen(t, a, m).Fingerprint, screen(t, b, m).Fingerprint)
	require.Equal(t, screen(t, a, m).Fingerprint, screen(t, screening.Fingerprint([]byte("a")), m).Fingerprint)
	require.NotEqual(t, screen(t, a, m).Fingerprint, screen(t, a, text("My order 4712 has not arrived")).Fingerprint)

	key := []byte("a")
	s := screening.Fingerprint(key)
	clear(key)
	require.Equal(t, screen(t, a, m).Fingerprint, screen(t, s, m).Fingerprint, "the key is the stage's own")

	known := inquiry.DeriveID("known")
	facts, err := a.Screen(t.Context(), m, inquiry.Facts{Fingerprint: known})
	require.NoError(t, err)
	require.Equal(t, known, facts.Fingerprint)
}
