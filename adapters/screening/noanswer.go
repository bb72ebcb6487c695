package screening

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/adapters"
	"github.com/answerable-go/answerable/inquiry"
)

// Reasons for which [NoAnswerNeeded] screens a message out.
const (
	AutoReply    = "auto_reply"       // a machine wrote it
	NothingToSay = "no_answer_needed" // thanks or praise and nothing else
)

const (
	maxThanks     = 12  // words of a message that is nothing but thanks
	autoReplyHead = 160 // characters of a text in which an auto-reply shows itself
)

// NoAnswer adds phrases to those that [NoAnswerNeeded] knows. The zero value
// adds none.
type NoAnswer struct {
	// AutoReplies are phrases by which an automatic answer is recognised.
	AutoReplies []string
	// Thanks are phrases that need no answer, as the whole message or together with
	// other thanks: at most 12 words in all.
	Thanks []string
}

// NoAnswerNeeded is a stage that screens out messages that want no answer. It
// knows English, German, French, Spanish, Italian, Dutch and Portuguese.
//
// As [AutoReply]: a subject that begins like that of an automatic answer, and a
// text that calls itself one, or says that its author is away, within its first
// 160 characters.
//
// As [NothingToSay]: a message of which nothing is left but thanks ("Thanks!",
// "ok, vielen Dank", "merci beaucoup"), and one of emoji alone that all mean
// praise. Mentions at the beginning do not count. One further word, and the
// message is left alone: "thanks, but it is still broken". So is one whose subject
// says more, unless it only repeats what is answered: the message names that, or the
// subject begins like "Re:" in one of these languages.
//
// A message with a question mark in its subject or text is never screened out,
// nor one that is empty, since there may be a picture. Nothing is lost by a
// mistake: what is screened out is set aside for review. Phrases are compared as
// [Phrases] does; the error lists those that cannot be compared.
func NoAnswerNeeded(more NoAnswer) (adapters.Screener, error) {
	subjects, errs1 := compileAll("subject", autoReplySubjects)
	texts, errs2 := compileAll("auto-reply", autoReplyTexts, more.AutoReplies)
	n := &noAnswer{
		subjects: newAutomaton(subjects),
		texts:    newAutomaton(texts),
		thanks:   map[string]bool{},
		praise:   map[rune]bool{},
	}
	errs := append(errs1, errs2...)
	for _, p := range fillers {
		n.thanks[wordsOf(p)] = false
	}
	for _, p := range thanks {
		n.thanks[wordsOf(p)] = true
	}
	for i, p := range more.Thanks {
		if wordsOf(p) == "" || strings.Contains(p, "*") {
			errs = append(errs, fmt.Errorf("screening: thanks %d, %q: want words, without an asterisk", i+1, p))
			continue
		}
		if words := len(strings.Fields(wordsOf(p))); words > maxThanks {
			errs = append(errs, fmt.Errorf("screening: thanks %d, %q: it has %d words: want at most %d", i+1, p, words, maxThanks))
			continue
		}
		n.thanks[wordsOf(p)] = true
	}
	for _, r := range praiseEmoji {
		n.praise[r] = true
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return n, nil
}

// wordsOf is a phrase folded, with single spaces between its words.
func wordsOf(phrase string) string {
	return strings.Join(words(appendFolded(nil, phrase, true)), " ")
}

// compileAll folds phrases of which it only matters whether one is there.
func compileAll(what string, lists ...[]string) (patterns []pattern, errs []error) {
	for _, list := range lists {
		for i, p := range list {
			text, err := foldPhrase(p)
			if err != nil {
				errs = append(errs, fmt.Errorf("screening: %s phrase %d, %q: %w", what, i+1, p, err))
				continue
			}
			patterns = append(patterns, pattern{text: text})
		}
	}
	return patterns, errs
}

type noAnswer struct {
	subjects, texts *automaton
	thanks          map[string]bool // true: says thanks, false: may stand beside it
	praise          map[rune]bool
}

func (n *noAnswer) Screen(_ context.Context, m inquiry.Message, known inquiry.Facts) (inquiry.Facts, error) {
	facts := own(known)
	subject, _ := capped(m.Subject)
	text, whole := capped(m.Text)
	if facts.ScreenOut != "" || asks(subject) || asks(text) {
		return facts, nil
	}
	switch {
	case n.isAutoReply(subject, text):
		facts.ScreenOut = AutoReply
	case whole && n.isThanks(text) && (subject == "" || m.InReplyTo != "" || isReply(subject) || n.isThanks(subject)):
		facts.ScreenOut = NothingToSay
	}
	return facts, nil
}

// replyMarks are what mail programs put before the subject of what is answered, in the
// languages that [NoAnswerNeeded] knows and their neighbours.
var replyMarks = []string{"re", "aw", "antw", "antwort", "rép", "rep", "r", "rif", "res", "sv", "vs"}

// isReply reports whether a subject is that of an answer: "Re: ...", "AW[2]: ...".
func isReply(subject string) bool {
	mark, _, found := strings.Cut(strings.ReplaceAll(subject, "：", ":"), ":")
	mark, _, _ = strings.Cut(mark, "[")
	return found && slices.Contains(replyMarks, strings.ToLower(strings.TrimSpace(mark)))
}

func (n *noAnswer) isAutoReply(subject, text string) bool {
	if subject != "" {
		head := appendFolded(nil, subject, true)
		for m, i := int32(0), 0; i < len(head); i++ {
			var ok bool
			if m, ok = n.subjects.child(m, head[i]); !ok {
				break
			}
			if len(n.subjects.rules[m]) > 0 {
				return true
			}
		}
	}
	head := appendFolded(nil, text, true)
	if most := 1 + autoReplyHead + 1; len(head) > most { // with the boundaries at both ends
		head = head[:most]
	}
	var found [1]uint64
	n.texts.search(head, found[:])
	return found[0] != 0
}

// isThanks reports whether thanks, or emoji of praise, are all that a text says.
func (n *noAnswer) isThanks(text string) bool {
	runes := appendFolded(nil, withoutMentions(text), true)
	var said []string
	praise := false
	for _, w := range words(runes) {
		switch {
		case n.allPraise(w):
			praise = true
		case len(said) == maxThanks:
			return false
		default:
			said = append(said, w)
		}
	}
	if len(said) == 0 {
		return praise
	}
	return n.onlyThanks(said)
}

// allPraise reports whether a run of single characters is all praise.
func (n *noAnswer) allPraise(w string) bool {
	for _, r := range w {
		if !n.praise[r] {
			return false
		}
	}
	return true
}

// onlyThanks reports whether words can be parted into thanks and fillers, with
// at least one thanks.
func (n *noAnswer) onlyThanks(said []string) bool {
	const unreachable, fillersOnly, thanked = 0, 1, 2
	reached := make([]int, len(said)+1)
	reached[0] = fillersOnly
	for from := range said {
		if reached[from] == unreachable {
			continue
		}
		for to := from + 1; to <= len(said); to++ {
			says, ok := n.thanks[strings.Join(said[from:to], " ")]
			if !ok {
				continue
			}
			now := reached[from]
			if says {
				now = thanked
			}
			reached[to] = max(reached[to], now)
		}
	}
	return reached[len(said)] == thanked
}

var autoReplySubjects = []string{
	"automatic reply", "automatic response", "auto reply", "autoreply", "auto response", "out of office", "out of the office",
	"automatische antwort", "abwesenheitsnotiz",
	"réponse automatique", "absent du bureau", "absence du bureau",
	"respuesta automática", "fuera de la oficina",
	"risposta automatica", "fuori ufficio",
	"automatisch antwoord", "automatisch bericht", "afwezigheidsbericht",
	"resposta automática", "fora do escritório", "ausência temporária",
}

var autoReplyTexts = []string{
	"this is an automatic reply", "this is an automated reply", "this is an automatic response", "this is an automated response",
	"this is an automated message", "this is an automatically generated", "I am out of office", "I am out of the office", "I'm out of office", "I'm out of the office",
	"I am currently out of office", "I am currently out of the office", "I'm currently out of office", "I'm currently out of the office",

	"dies ist eine automatische", "das ist eine automatische", "diese nachricht wurde automatisch", "ich bin derzeit nicht im büro",
	"ich bin zurzeit nicht im büro", "ich bin momentan nicht im büro", "ich bin nicht im büro",
	"ceci est une réponse automatique", "ceci est un message automatique",
	"je suis absent du bureau", "je suis absente du bureau",
	"esta es una respuesta automática", "este es un mensaje automático", "estoy fuera de la oficina", "me encuentro fuera de la oficina",
	"questa è una risposta automatica", "questo è un messaggio automatico", "sono fuori ufficio", "al momento sono fuori ufficio",
	"dit is een automatisch antwoord", "dit is een automatisch bericht", "ik ben momenteel niet op kantoor", "ik ben niet op kantoor",
	"esta é uma resposta automática", "esta é uma mensagem automática", "estou fora do escritório", "estou ausente do escritório",
}

// thanks say by themselves that nothing more is wanted.
var thanks = []string{
	"thanks", "thank you", "thank u", "thankyou", "thx", "thnx", "ty", "tysm", "tyvm", "cheers", "much appreciated", "appreciated", "appreciate it", "i appreciate it",
	"many thanks", "thanks a lot", "thanks a million", "thanks again", "thank you again", "thanks so much", "thank you so much",
	"thank you very much", "thanks very much", "thanks for your help", "thank you for your help", "thanks for the help", "thank you for the help",
	"thanks for the quick reply", "thank you for the quick reply", "thanks for the info", "thanks for letting me know",
	"danke", "dankeschön", "danke schön", "danke sehr", "vielen dank", "vielen lieben dank", "herzlichen dank", "besten dank", "tausend dank", "danke dir", "danke ihnen", "danke euch",
	"danke für die hilfe", "danke für ihre hilfe", "vielen dank für ihre hilfe", "vielen dank für die hilfe", "vielen dank für die schnelle antwort", "danke für die schnelle antwort",
	"merci", "merci beaucoup", "merci bien", "mille mercis", "merci à vous", "merci infiniment", "merci pour votre aide", "merci beaucoup pour votre aide", "merci pour votre réponse",
	"gracias", "muchas gracias", "mil gracias", "muchísimas gracias", "gracias por su ayuda", "gracias por la ayuda", "muchas gracias por su ayuda",
	"grazie", "grazie mille", "molte grazie", "tante grazie", "grazie tante", "grazie infinite", "vi ringrazio", "grazie per l'aiuto", "grazie per la risposta",
	"bedankt", "hartelijk bedankt", "heel erg bedankt", "dank je", "dank je wel", "dank jullie wel", "dank u", "dank u wel", "dankjewel", "dankuwel", "bedankt voor de hulp",
	"obrigado", "obrigada", "muito obrigado", "muito obrigada", "obg", "valeu", "obrigado pela ajuda", "obrigada pela ajuda",
}

// fillers may stand beside thanks.
var fillers = []string{
	"ok", "okay", "oki", "alright", "great", "perfect", "awesome", "cool", "super", "nice", "wonderful", "brilliant", "excellent", "got it", "all good", "that works", "will do", "no worries", "hi", "hello", "guys", "so much", "again",
	"alles klar", "prima", "toll", "perfekt", "passt", "hallo",
	"parfait", "d'accord", "bonjour", "très bien",
	"perfecto", "vale", "genial", "de acuerdo", "hola",
	"perfetto", "va bene", "ottimo", "d'accordo", "ciao",
	"prima zo", "top", "oké", "is goed",
	"perfeito", "ótimo", "tá bom", "beleza", "olá",
}

// praiseEmoji say that all is well. None of them is also used for mockery alone.
var praiseEmoji = []rune("👍👌🙏👏🙌💪🤝🎉🥳💯🔥⭐🌟✨❤🧡💛💚💙💜🖤🤍🤎♥💕💖💗💓💞💝😍🥰😘😊☺😀😃😄😁🤗🤩😻💐🌹✅✔🏆🥇")
