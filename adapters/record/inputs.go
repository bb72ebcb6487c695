package record

import (
	"fmt"

	"github.com/answerable-go/answerable/inquiry"
)

// OfPool returns an error if the message of an input was prepared for another
// pool than the one that it is put into: it would be decided there, while the
// message said that it belongs to another (H7).
func OfPool(pool string, inputs []inquiry.Input) error {
	for i := range inputs {
		if r, ok := inputs[i].Do.(inquiry.Receive); ok && r.Message.Pool != pool {
			return fmt.Errorf("input %s: its message was prepared for pool %q: put it into that one, or have the Engine of pool %q prepare it", inputs[i].ID, r.Message.Pool, pool)
		}
	}
	return nil
}

// Inputs returns inputs as the texts that a store keeps in its inbox. It fails
// for what cannot be written, and for inputs of another pool; see [OfPool].
func Inputs(pool string, inputs []inquiry.Input) ([]string, error) {
	if err := OfPool(pool, inputs); err != nil {
		return nil, err
	}
	texts := make([]string, len(inputs))
	for i := range inputs {
		text, err := JSON(&inputs[i])
		if err != nil {
			return nil, fmt.Errorf("input %s: %w", inputs[i].ID, err)
		}
		texts[i] = text
	}
	return texts, nil
}
