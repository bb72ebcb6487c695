package record

import (
	"fmt"

	"github.com/answerable-go/answerable/inquiry"
)

// OfPool refuses inputs with a message that was prepared for another pool than the one
// that they are put into. They would be decided there, and the message would go on being
// one of a pool that knows nothing of it (H7).
func OfPool(pool string, inputs []inquiry.Input) error {
	for i := range inputs {
		if r, ok := inputs[i].Do.(inquiry.Receive); ok && r.Message.Pool != pool {
			return fmt.Errorf("input %s: its message was prepared for pool %q: put it into that one, or have the Engine of pool %q prepare it", inputs[i].ID, r.Message.Pool, pool)
		}
	}
	return nil
}

// Inputs are inputs as the texts that a store keeps in its inbox. Besides what cannot be
// written, inputs of another pool are an error ([OfPool]).
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
