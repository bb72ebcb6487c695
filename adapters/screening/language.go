package screening

import (
	"context"
	"math/bits"
	"unicode"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// GuessLanguage is a stage for platforms that do not tell a message's language:
// where neither the message nor the facts have one, it counts the small words
// (the, und, les, ...) of English, German, French, Spanish, Italian, Dutch and
// Portuguese in the first 200 words of subject and text.
//
// It says nothing unless one of the seven is well ahead, so a greeting, a name, a
// text of two languages or one in another script leaves the language unknown.
// Of the neighbours of the seven it knows a few small words too, so as not to
// take Swedish for Dutch, but one that it does not know may still be taken for
// the nearest of the seven.
// It is a help for routing and no more; a host that needs more asks a service.
func GuessLanguage() adapters.Screener {
	g := &guess{masks: map[string]uint16{}}
	for i, l := range smallWords {
		for _, w := range words(appendFolded(nil, l.words, true)) {
			g.masks[w] |= 1 << i
		}
	}
	return g
}

type guess struct {
	masks map[string]uint16 // the languages that have a small word, by their place in smallWords
}

func (g *guess) Screen(_ context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	facts := own(known)
	if base(facts.Language) == "" && base(m.Language) == "" {
		facts.Language = g.language(m.Subject, m.Text)
	}
	return facts, nil
}

const (
	guessWords = 200 // words that are looked at
	fullWord   = 840 // what a small word that one language alone has counts: divisible by 1 to 8
	enough     = 2 * fullWord
)

// language is the language of the texts, "" if that is not clear.
func (g *guess) language(texts ...string) string {
	var scores [len(smallWords)]int
	total, small := 0, 0
	for _, s := range texts {
		s, _ = capped(s)
		for _, w := range words(appendFolded(nil, withoutMentions(withoutLinks(s)), true)) {
			if total == guessWords {
				break
			}
			if r := []rune(w)[0]; !unicode.IsLetter(r) {
				continue
			}
			total++
			mask := g.masks[w]
			if mask == 0 {
				continue
			}
			small++
			for i := range scores {
				if mask&(1<<i) != 0 {
					scores[i] += fullWord / bits.OnesCount16(mask)
				}
			}
		}
	}
	best, second := 0, 0
	for i := 1; i < len(scores); i++ {
		if scores[i] > scores[best] {
			best = i
		}
	}
	for i, score := range scores {
		if i != best {
			second = max(second, score)
		}
	}
	// At least every fifth word is a small one, and the next best language has
	// at most three fifths of the best one's.
	if scores[best] < enough || small*5 < total || second*5 > scores[best]*3 {
		return ""
	}
	return smallWords[best].language
}

// smallWords are the frequent words of each language. The last entry is of
// languages that are none of the seven but look like them.
var smallWords = [...]struct{ language, words string }{
	{"en", `the and is are was were i you my your it its this that with for have has had not can could would will when where
		what why how who from to of on at be been do does did but if they there their we our me please still just any get got
		after again because about an or so no as by hello hi need want am in which should into than then them he she out up too
		only now since all more very being don isn doesn didn haven won im ive`},
	{"de", `der die das und ist ich nicht ein eine einen einem einer eines mein meine meinen meiner sie wir ihr es mit auf für von
		zu zum zur den dem des im in an am bei aus nach noch wie was warum wo wann wer kann können könnt könnte habe haben hat
		hatte wird werden wurde sind war aber auch oder wenn dass nur schon immer mir mich euch ihre ihren bitte seit über kein
		keine mehr jetzt hallo leider man sich so vom wieder gibt bin er uns unsere`},
	{"fr", `le la les un une des du de et est je ne pas vous nous il elle on que qui ce cette mon ma mes votre vos pour avec dans
		sur par plus mais ou comment pourquoi quand quel quelle suis ai avez avons ont était sont fait bonjour merci tout
		toujours depuis au aux en sans si chez très encore déjà rien me se son sa ses leur être avoir peut j c l d n qu`},
	{"es", `el la los las un una unos de del y es que no en por para con mi mis su sus se lo me te le al como cómo cuando donde
		porque pero muy más este esta esto hay he ha han soy estoy tengo tiene puedo puede quiero desde sin ya si o hola gracias
		todavía nada ustedes usted fue ser qué cuál dónde hasta sobre está están les nos también`},
	{"it", `il lo la i gli le un una uno di del della dei delle e che non per con mi si ci ho ha hai hanno sono sei siamo mio mia
		miei vostro vostra quando dove come perché cosa ma anche più questo questa nel nella da dal dalla alla al sul sulla
		ancora grazie ciao buongiorno salve posso può vorrei stato già sempre niente è in se o l un dopo senza`},
	{"nl", `de het een en is ik niet van mijn je jullie u uw dat die dit met voor op te aan bij uit naar om maar ook nog wel geen
		wat waar wanneer waarom hoe kan kunnen heb hebt heeft hebben was werd worden wordt zijn ben er al als dan door deze
		hallo graag bedankt mij we ze in zo of over meer moet mag kunt wil`},
	{"pt", `o os as um uma de do da dos das e é que não em no na nos nas por para meu minha meus seu sua se eu vocês você está
		estou tenho tem ter foi ser como quando onde porque mas muito mais isso este já ainda olá obrigado obrigada pelo pela ao
		sem fazer consigo preciso quero esta até também me são à aos`},
	{"", `og det jeg ikke på til som har hvor hva hvad hvordan mitt min mit vi er av att och inte jag är ett för varför den kan
		så med i de en ikkje meg mig om vad når nar
		ek nie het my ons wat en die vir
		amb els les meu meva però perquè això és i no sóc tinc no la el que de
		sunt este nu să și cu mai pentru dar unde eu la nu
		nie jest się na do że jak czy mój moje mam to jestem w z i
		je to na se že není jsem mi můj kde jak a
		ve bir bu için değil ne ben benim var yok çok
		saya tidak yang dan ini itu ada bisa untuk dengan di ke`},
}
