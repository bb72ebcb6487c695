package screening_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters/screening"
	"github.com/answerable-go/answerable/inquiry"
)

func TestAuthorsTellTheirAudiences(t *testing.T) {
	t.Parallel()
	m := inquiry.Message{Author: inquiry.Author{Audiences: []inquiry.Audience{inquiry.Customer, inquiry.Journalist}}}
	facts, err := screening.Authors().Screen(t.Context(), m, inquiry.Facts{Audiences: []inquiry.Audience{inquiry.Partner, inquiry.Customer}})
	require.NoError(t, err)
	require.Equal(t, []inquiry.Audience{inquiry.Partner, inquiry.Customer, inquiry.Journalist}, facts.Audiences)
}

func TestAuthorsTakeOverTheLanguageWithoutItsRegion(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"de": "de", "DE": "de", "en-GB": "en", "en_US": "en", "pt-BR": "pt", "gsw": "gsw", "qtz": "", "qua": "qua", "swe": "swe",
		"zh-Hant-TW": "zh-Hant", "zh-hans": "zh-Hans", "sr_latn_RS": "sr-Latn", "de-x-abcd": "de",
		"fa": "fa", "AZ": "az", "ZA": "za", "abcdefgh": "abcdefgh", "abcdefghi": "", "é": "", "d{": "", "d@": "", "d[": "", "d`": "",
		"": "", "und": "", "zxx": "", "qme": "", "mul": "", "x": "", "??": "", "-en": "", "12": "",
	} {
		require.Equal(t, want, screen(t, screening.Authors(), inquiry.Message{Language: tag}).Language, tag)
	}
	facts, err := screening.Authors().Screen(t.Context(), inquiry.Message{Language: "en"}, inquiry.Facts{Language: "pt-BR"})
	require.NoError(t, err)
	require.Equal(t, "pt-BR", facts.Language, "what is known stays")
}

func TestReachStepsAddUp(t *testing.T) {
	t.Parallel()
	steps := []screening.ReachStep{
		{Min: 10_000, Label: "high_reach", Audience: inquiry.Influencer},
		{Min: 1_000_000, Label: "huge_reach"},
	}
	s := screening.Reach(steps...)
	clear(steps)
	by := func(reach int64) inquiry.Message { return inquiry.Message{Author: inquiry.Author{Reach: reach}} }

	require.Equal(t, inquiry.Facts{Reach: 9_999}, screen(t, s, by(9_999)))
	require.Equal(t, inquiry.Facts{
		Reach: 10_000, Labels: []string{"high_reach"}, Audiences: []inquiry.Audience{inquiry.Influencer},
	}, screen(t, s, by(10_000)))
	require.Equal(t, []string{"high_reach", "huge_reach"}, screen(t, s, by(2_000_000)).Labels)

	facts, err := s.Screen(t.Context(), by(5), inquiry.Facts{Reach: 20_000})
	require.NoError(t, err)
	require.EqualValues(t, 20_000, facts.Reach, "what a stage before found out, if it is more")
	require.Equal(t, []string{"high_reach"}, facts.Labels)
}
