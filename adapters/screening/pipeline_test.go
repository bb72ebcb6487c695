package screening_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/adapters/screening"
	"github.com/answerable-go/answerable/inquiry"
)

func label(l string) adapters.ScreenerFunc {
	return func(_ context.Context, _ inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
		known.Labels = append(known.Labels, l)
		return known, nil
	}
}

func TestPipelineRunsInOrderAndTidiesUp(t *testing.T) {
	t.Parallel()
	s := screening.Pipeline(label("b"), label("a"), label("b"), screening.DefaultKind())
	facts, err := s.Screen(t.Context(), text("x"), inquiry.Facts{
		Labels:    []string{"c"},
		Audiences: []inquiry.Audience{inquiry.Partner, inquiry.Customer, inquiry.Partner},
	})
	require.NoError(t, err)
	require.Equal(t, inquiry.Facts{
		Kind:      inquiry.Other,
		Labels:    []string{"a", "b", "c"},
		Audiences: []inquiry.Audience{inquiry.Partner, inquiry.Customer},
	}, facts)
}

func TestPipelineIsWhatItWasMadeOf(t *testing.T) {
	t.Parallel()
	stages := []adapters.Screener{label("a")}
	s := screening.Pipeline(stages...)
	stages[0] = label("b")
	labels := append(make([]string, 0, 8), "z", "c")
	facts, err := s.Screen(t.Context(), text("x"), inquiry.Facts{Labels: labels})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "c", "z"}, facts.Labels)
	require.Equal(t, []string{"z", "c", ""}, labels[:3], "the caller's own list")

	_, err = screening.Pipeline().Screen(t.Context(), text("x"), inquiry.Facts{Labels: labels})
	require.NoError(t, err)
	require.Equal(t, []string{"z", "c"}, labels, "nor without a stage")

	errBroken := errors.New("broken")
	_, err = screening.Pipeline(adapters.ScreenerFunc(func(context.Context, inquiry.Message, inquiry.Facts) (inquiry.Facts, error) {
		panic(errBroken)
	})).Screen(t.Context(), text("x"), inquiry.Facts{})
	require.ErrorIs(t, err, errBroken, "what it panicked with")
}

func TestPipelinePassesOverAFailingStage(t *testing.T) {
	t.Parallel()
	errDown := errors.New("down")
	s := screening.Pipeline(
		label("a"),
		adapters.ScreenerFunc(func(_ context.Context, _ inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
			known.Labels[0] = "spoiled"
			return inquiry.Facts{ScreenOut: "spam"}, errDown
		}),
		adapters.ScreenerFunc(func(context.Context, inquiry.Message, inquiry.Facts) (inquiry.Facts, error) { panic("boom") }),
		adapters.ScreenerFunc(func(context.Context, inquiry.Message, inquiry.Facts) (inquiry.Facts, error) { panic(errDown) }),
		nil,
		label("b"),
	)
	facts, err := s.Screen(t.Context(), text("x"), inquiry.Facts{})
	require.Equal(t, inquiry.Facts{Labels: []string{"a", "b"}}, facts)
	require.ErrorIs(t, err, errDown)
	require.ErrorContains(t, err, "stage 1 (adapters.ScreenerFunc): down")
	require.ErrorContains(t, err, "stage 2 (adapters.ScreenerFunc): panicked: boom")
	require.ErrorContains(t, err, "stage 3 (adapters.ScreenerFunc): panicked: down")
	require.ErrorContains(t, err, "stage 4 (<nil>): there is no stage")

	var stage *screening.StageError
	require.ErrorAs(t, err, &stage)
	require.Equal(t, 1, stage.Index)
}

func TestEmptyPipelineKeepsTheFacts(t *testing.T) {
	t.Parallel()
	facts, err := screening.Pipeline().Screen(t.Context(), text("x"), inquiry.Facts{Kind: inquiry.Praise})
	require.NoError(t, err)
	require.Equal(t, inquiry.Facts{Kind: inquiry.Praise}, facts)
}

// everything is a pipeline of all the built-in stages.
func everything(tb testing.TB) adapters.Screener {
	tb.Helper()
	rules, err := screening.Phrases(
		screening.PhraseRule{Label: "billing", Kind: inquiry.Complaint, Phrases: []string{"refund", "money back", "erstatt*", "退款"}},
		screening.PhraseRule{ScreenOut: "spam", Phrases: []string{"earn $"}},
	)
	require.NoError(tb, err)
	noAnswer, err := screening.NoAnswerNeeded(screening.NoAnswer{})
	require.NoError(tb, err)
	return screening.Pipeline(
		screening.Authors(), screening.GuessLanguage(), screening.Reach(screening.ReachStep{Min: 1, Label: "seen"}),
		rules, noAnswer, screening.Fingerprint(nil), screening.DefaultKind(),
	)
}

// Whatever is written, screening ends without an error, and the same message
// has the same facts.
func FuzzScreening(f *testing.F) {
	for _, s := range []string{"", "RT @", "RT @a: http://", "www.", "thanks 👍", "\xff@\x00", "退款;?", "@a @b .@c rt @d", "İẞﬃ"} {
		f.Add(s, s, "en-GB")
	}
	s := everything(f)
	f.Fuzz(func(t *testing.T, subject, body, language string) {
		m := inquiry.Message{Subject: subject, Text: body, Language: language}
		facts, err := s.Screen(t.Context(), m, inquiry.Facts{})
		require.NoError(t, err)
		require.NotEmpty(t, facts.Kind)
		again, err := s.Screen(t.Context(), m, inquiry.Facts{})
		require.NoError(t, err)
		require.Equal(t, facts, again)
	})
}

func BenchmarkPipeline(b *testing.B) {
	s := everything(b)
	m := text(tweet)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = s.Screen(b.Context(), m, inquiry.Facts{})
	}
}

// The worst texts that the cap lets through must not take longer than their
// length explains.
func BenchmarkPipelineAtTheCap(b *testing.B) {
	s := everything(b)
	for name, unit := range map[string]string{"mentions": "@a ", "links": "www.", "thanks": "thanks ", "h": "h", "spaces": " ", "han": "退", "emoji": "👍", "marks": "\u0301"} {
		b.Run(name, func(b *testing.B) {
			m := text(repeatTo(unit, screening.MaxText))
			b.SetBytes(int64(len(m.Text)))
			for b.Loop() {
				_, _ = s.Screen(b.Context(), m, inquiry.Facts{})
			}
		})
	}
}

func repeatTo(unit string, n int) string {
	b := make([]byte, 0, n)
	for len(b)+len(unit) <= n {
		b = append(b, unit...)
	}
	return string(b)
}
