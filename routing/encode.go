package routing

import (
	"encoding/json"
	"strconv"

	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/internal/appendjson"
)

// Encode returns the record as the journal keeps it: the same bytes as
// encoding/json, but faster, since every offer and assignment has one.
func (d *Decision) Encode() json.RawMessage { return d.Append(make([]byte, 0, 896)) }

// Append appends what [Decision.Encode] returns.
func (d *Decision) Append(to []byte) []byte {
	b := append(encoder(to), `{"seq":`...)
	b = strconv.AppendUint(b, d.Seq, 10)
	b.id(`,"plan":`, d.Plan)
	b.text(`,"rule":`, d.Rule)
	b.text(`,"policy":`, d.Policy)
	if d.Relaxed != 0 {
		b.number(`,"relaxed":`, int64(d.Relaxed))
	}
	if d.Audiences != nil { // few have that
		b = appendjson.Any(append(b, `,"audiences":`...), d.Audiences)
	}
	b.ranked(`,"chosen":`, &d.Chosen)
	for i := range d.RunnersUp {
		b.ranked(b.begin(i, `,"runners_up":[`), &d.RunnersUp[i])
	}
	b.end(len(d.RunnersUp))
	if d.Pulled {
		b = append(b, `,"pulled":true`...)
	}
	for i, k := range d.Kept {
		b.text(b.begin(i, `,"kept":[`)+`{"owner":`, string(k.Owner))
		b.id(`,"inquiry":`, k.Inquiry)
		b = append(b, '}')
	}
	b.end(len(d.Kept))
	b.number(`,"owners":`, int64(d.Owners))
	b.number(`,"passed":`, int64(d.Passed))
	for i, g := range d.Gates {
		b.text(b.begin(i, `,"gates":[`)+`{"gate":`, g.Gate)
		b.number(`,"n":`, int64(g.N))
		b = append(b, '}')
	}
	b.end(len(d.Gates))
	return append(b, '}')
}

// encoder appends fields of JSON, each with what comes before its value.
type encoder []byte

func (b *encoder) ranked(name string, r *Ranked) {
	b.text(name+`{"owner":`, string(r.Owner))
	b.number(`,"score":{"total":`, r.Score.Total)
	p := &r.Score.Parts
	*b = append(*b, `,"parts":{`...)
	if p.Affinity != 0 {
		b.number(`"affinity":`, int64(p.Affinity))
		*b = append(*b, ',')
	}
	b.number(`"fit":`, int64(p.Fit))
	b.number(`,"scarcity":`, int64(p.Scarcity))
	b.number(`,"utilisation":`, int64(p.Utilisation))
	b.number(`,"idle":`, int64(p.Idle))
	if p.Overqualification != 0 {
		b.number(`,"overqualification":`, int64(p.Overqualification))
	}
	if p.Bonus != 0 {
		b.number(`,"bonus":`, int64(p.Bonus))
	}
	*b = append(*b, `}}}`...)
}

// begin is what comes before an element of a list.
func (b *encoder) begin(i int, list string) string {
	if i == 0 {
		return list
	}
	return ","
}

// end ends a list of so many.
func (b *encoder) end(n int) {
	if n > 0 {
		*b = append(*b, ']')
	}
}

func (b *encoder) number(name string, n int64) {
	*b = strconv.AppendInt(append(*b, name...), n, 10)
}

func (b *encoder) id(name string, id inquiry.ID) {
	*b = append(append(*b, name...), '"')
	*b, _ = id.AppendText(*b) // it has no error
	*b = append(*b, '"')
}

func (b *encoder) text(name, s string) {
	*b = appendjson.String(append(*b, name...), s)
}
