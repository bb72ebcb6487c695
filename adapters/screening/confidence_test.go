package screening_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/screening"
	"github.com/answerable-go/answerable/inquiry"
)

func TestConfidenceIsStatedWhereItIsKnown(t *testing.T) {
	t.Parallel()
	phrases, err := screening.Phrases(
		screening.PhraseRule{Label: "billing", Phrases: []string{"refund"}, Confidence: 90},
		screening.PhraseRule{Label: "press", Phrases: []string{"interview"}, Confidence: 60},
		screening.PhraseRule{Label: "delivery", Phrases: []string{"parcel"}},
	)
	require.NoError(t, err)
	s := screening.Pipeline(phrases, screening.Unlabelled(30))
	for text, want := range map[string]int{
		"my refund":                      90,
		"a refund, and an interview":     60,
		"an interview about your parcel": 60,
		"my parcel":                      0,
		"hello":                          30,
	} {
		require.Equal(t, want, screen(t, s, inquiry.Message{Text: text}).Confidence, text)
	}
	require.Equal(t, 1, screen(t, screening.Unlabelled(-4), inquiry.Message{}).Confidence)
	require.Equal(t, 100, screen(t, screening.Unlabelled(400), inquiry.Message{}).Confidence)
	facts, err := screening.Unlabelled(30).Screen(t.Context(), inquiry.Message{}, inquiry.Facts{Confidence: 20})
	require.NoError(t, err)
	require.Equal(t, 20, facts.Confidence)
	facts, err = screening.Unlabelled(30).Screen(t.Context(), inquiry.Message{}, inquiry.Facts{ScreenOut: "spam"})
	require.NoError(t, err)
	require.Zero(t, facts.Confidence)
	for _, outside := range []int{-1, 101} {
		_, err = screening.Phrases(screening.PhraseRule{Label: "a", Phrases: []string{"a"}, Confidence: outside})
		require.ErrorContains(t, err, fmt.Sprintf("its confidence is %d: want 1 to 100 percent", outside))
	}
}
