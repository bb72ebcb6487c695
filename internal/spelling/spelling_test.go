package spelling_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/answerable-go/answerable/internal/spelling"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"email", "mastodon", "chat", "id", "web-form", "press"}
	for word, want := range map[string]string{
		"emial":         "email", // two letters changed places
		"EMail":         "email",
		"mail":          "email",
		"mastodn":       "mastodon",
		"mestodom":      "mastodon", // long enough for two errors
		"prss":          "press",
		"pres_s":        "press",
		"prs":           "", // two errors in a short word
		"web_form":      "web-form",
		"cat":           "chat",
		"x":             "", // as far from id as id is long
		"":              "",
		"mastodontosis": "",
		"a word that is far too long to be any of them": "",
	} {
		require.Equal(t, want, spelling.Nearest(word, known), word)
	}
	require.Equal(t, "owner", spelling.Nearest("ownr", []string{"owners", "owner"}), "the nearest, not the first")
	require.Empty(t, spelling.Nearest("ownr", nil))
}
