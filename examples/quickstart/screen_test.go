package main

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/inquiry"
)

func TestScreening(t *testing.T) {
	t.Parallel()
	stages, err := screeners()
	require.NoError(t, err)
	for _, c := range []struct {
		name, text, out string
		labels          []string
	}{
		{"bare thanks", "thanks, all good, see you at nine", "no_answer_needed", []string{"thanks"}},
		{"thanks with a sting", "thanks for the two hours of delay", "", []string{"thanks"}},
		{"thanks and a question", "thanks! when does it come?", "", []string{"thanks"}},
		{"a fire is never spam", "my crypto wallet melted in your charger", "", []string{"safety", "spam"}},
		{"a television is no fire", "does the app run on Fire TV? I watch on fire sticks", "", []string{"app"}},
		{"warm words about something broken", "fantastic, it stopped working again", "", []string{"praise", "trouble"}},
	} {
		f := factsOf(stages, inquiry.Message{Channel: "email", Text: c.text})
		require.Equal(t, c.out, f.ScreenOut, c.name)
		require.Equal(t, c.labels, f.Labels, c.name)
	}
}

func TestAnEchoIsTheSameWordsFromManyPeople(t *testing.T) {
	t.Parallel()
	stages, err := screeners()
	require.NoError(t, err)
	say := func(author string, after time.Duration) bool {
		f := factsOf(stages, inquiry.Message{
			Channel: "mastodon", Author: inquiry.Author{External: author}, At: storyDay().Add(after),
			Text: "the bell of my bicycle sounds like a very small cow",
		})
		return len(f.Labels) == 1 && f.Labels[0] == echoLabel
	}
	for range 5 {
		require.False(t, say("one", 0), "one person who repeats it is no echo")
	}
	require.False(t, say("two", time.Minute))
	require.True(t, say("three", 2*time.Minute))
	require.False(t, say("four", 2*echoFor), "that was long ago")
}

func TestEchoForgets(t *testing.T) {
	t.Parallel()
	e := &echo{heard: map[inquiry.ID]*chorus{}}
	for i := range echoMax + 10 {
		_, err := e.Screen(t.Context(), inquiry.Message{At: storyDay()}, inquiry.Facts{Fingerprint: inquiry.DeriveID(strconv.Itoa(i))})
		require.NoError(t, err)
	}
	require.LessOrEqual(t, len(e.heard), echoMax)
}
