package seal

import (
	"context"
	"slices"
	"strings"

	"github.com/answerable-go/answerable/inquiry"
)

// passing is an input of the inbox that is sealed under a key of its own.
type passing struct {
	pool  string
	input inquiry.ID
}

// stage is how far an input is, as far as this process knows.
type stage uint8

const (
	wasPut   stage = iota // by this process, which may have to carry it out if it comes to lead
	waits                 // in the inbox
	inDoubt               // in a commit that is under way, or of which it is not known whether it was kept
	isDone                // its key is to be forgotten
	isClosed              // its key is forgotten, and its mark is still to be deleted
)

// An input's mark says that it is done and that its key is to be forgotten. It is in the
// commit that has the input done, so that the next leader forgets the key if this one
// dies first.
const (
	markOfInput = "seal/input/"
	markedDone  = `"done"`
)

// withMarks adds to a commit's marks those of inputs that it has done, and deletes those
// of inputs whose keys are forgotten.
func withMarks(marks []inquiry.Mark, done, closed []inquiry.ID) []inquiry.Mark {
	marks = slices.Clip(marks)
	for _, id := range done {
		marks = append(marks, inquiry.Mark{Key: markOfInput + id.String(), Value: []byte(markedDone)})
	}
	for _, id := range closed {
		marks = append(marks, inquiry.Mark{Key: markOfInput + id.String()})
	}
	return marks
}

// splitMarks tells the marks of inputs from all others, which alone are of concern to
// whoever recovers a pool.
func splitMarks(marks []inquiry.Mark) (others []inquiry.Mark, done []inquiry.ID) {
	others = slices.DeleteFunc(marks, func(m inquiry.Mark) bool {
		name, ours := strings.CutPrefix(m.Key, markOfInput)
		id, err := inquiry.ParseID(name)
		if ours = ours && err == nil && string(m.Value) == markedDone; ours {
			done = append(done, id)
		}
		return ours
	})
	return others, done
}

// meet notes an input that is sealed under a key of its own. A list of the inbox may be
// older than what is known of the input already.
func (s *Store) meet(pool string, id inquiry.ID, at stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if was, known := s.passing[passing{pool, id}]; !known || was == wasPut {
		s.passing[passing{pool, id}] = at
	}
}

// passingOf are those of inputs that are sealed under keys of their own.
func (s *Store) passingOf(pool string, inputs []inquiry.ID) (ids []inquiry.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range inputs {
		if _, ok := s.passing[passing{pool, id}]; ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// inStage are the inputs of a pool that are at one of some stages, in the order of their
// ids: what is asked of the store and of the keyring is the same whenever the same
// happens.
func (s *Store) inStage(pool string, stages ...stage) (ids []inquiry.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p, at := range s.passing {
		if p.pool == pool && slices.Contains(stages, at) {
			ids = append(ids, p.input)
		}
	}
	slices.SortFunc(ids, inquiry.ID.Compare)
	return ids
}

// setStage brings inputs to a stage, if they are not forgotten yet.
func (s *Store) setStage(pool string, inputs []inquiry.ID, to stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range inputs {
		if _, ok := s.passing[passing{pool, id}]; ok {
			s.passing[passing{pool, id}] = to
		}
	}
}

// drop forgets inputs that are at one of some stages.
func (s *Store) drop(pool string, inputs []inquiry.ID, stages ...stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range inputs {
		if at, ok := s.passing[passing{pool, id}]; ok && slices.Contains(stages, at) {
			delete(s.passing, passing{pool, id})
		}
	}
}

// decided are those of inputs that have an outcome, as far as the store tells now.
func (s *Store) decided(ctx context.Context, pool string, inputs []inquiry.ID) (ids []inquiry.ID) {
	if len(inputs) == 0 {
		return nil
	}
	outcomes, err := s.inner.Outcomes(ctx, pool, inputs...)
	if err != nil {
		return nil
	}
	for i := range outcomes {
		ids = append(ids, outcomes[i].Input)
	}
	return ids
}

// forgetDone forgets the keys of inputs that are done, of which there may still be
// copies. What the keyring or the store cannot do now is tried again behind the next
// commit.
func (s *Store) forgetDone(ctx context.Context, pool string) {
	s.setStage(pool, s.decided(ctx, pool, s.inStage(pool, inDoubt)), isDone)
	done := s.inStage(pool, isDone)
	if len(done) == 0 || s.Erase(ctx, pool, done...) != nil {
		return
	}
	s.setStage(pool, done, isClosed)
}

// recovering recovers a pool, and notes the inputs whose marks were found: should this
// process lead, its next commit has their keys forgotten. Whatever others have seen to
// since the last time is dropped. It was done before, so that its mark is missing only
// because it was deleted.
func (s *Store) recovering(ctx context.Context, pool string, read func() (done []inquiry.ID, err error)) error {
	before, waiting := s.inStage(pool, isDone, isClosed), s.inStage(pool, waits)
	done, err := read()
	if err != nil {
		return err
	}
	s.drop(pool, before, isDone, isClosed)
	s.drop(pool, s.decided(ctx, pool, waiting), waits)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range done {
		s.passing[passing{pool, id}] = isDone
	}
	return nil
}
