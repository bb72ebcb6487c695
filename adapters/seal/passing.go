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

// stage is how far an input is.
type stage uint8

const (
	waits   stage = iota
	inDoubt       // of a commit of which it is not known whether it was kept
	isDone
	isGone // and so is its key; the mark is still to be deleted
)

// markOfInput begins the key of a mark that says that an input is done and that the
// key of its own is to be forgotten. It is in the commit that has the input done, so
// that the next process forgets the key where this one dies.
const markOfInput = "seal/"

// note adds to a commit's marks those of inputs that it has done, and deletes those
// of inputs whose keys are gone.
func note(marks []inquiry.Mark, done, gone []inquiry.ID) []inquiry.Mark {
	marks = slices.Clip(marks)
	for _, id := range done {
		marks = append(marks, inquiry.Mark{Key: markOfInput + id.String(), Value: []byte(`"done"`)})
	}
	for _, id := range gone {
		marks = append(marks, inquiry.Mark{Key: markOfInput + id.String()})
	}
	return marks
}

// take takes the marks of inputs that are done out of others: they are of no concern
// to whoever recovers a pool.
func take(marks []inquiry.Mark) (others []inquiry.Mark, done []inquiry.ID) {
	others = slices.DeleteFunc(marks, func(m inquiry.Mark) bool {
		name, ours := strings.CutPrefix(m.Key, markOfInput)
		id, err := inquiry.ParseID(name)
		if ours = ours && err == nil; ours {
			done = append(done, id)
		}
		return ours
	})
	return others, done
}

// recovered forgets the keys that the process before was to forget. Inputs that others
// have done meanwhile, and whose marks they see to, need not be remembered here.
func (s *Store) recovered(ctx context.Context, pool string, done []inquiry.ID) {
	s.mu.Lock()
	for p, at := range s.passing {
		if p.pool == pool && at == isGone && !slices.Contains(done, p.input) {
			delete(s.passing, p)
		}
	}
	for _, id := range done {
		s.passing[passing{pool, id}] = isDone
	}
	s.mu.Unlock()
	s.leave(pool, s.decided(ctx, pool, waits))
	s.passed(ctx, pool)
}

// own are those of inputs that are sealed under keys of their own.
func (s *Store) own(pool string, inputs []inquiry.ID) (ids []inquiry.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range inputs {
		if _, ok := s.passing[passing{pool, id}]; ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// leave takes inputs from the list.
func (s *Store) leave(pool string, inputs []inquiry.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range inputs {
		delete(s.passing, passing{pool, id})
	}
}

// move brings inputs that are sealed under keys of their own to a stage.
func (s *Store) move(pool string, inputs []inquiry.ID, to stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range inputs {
		if _, ok := s.passing[passing{pool, id}]; ok {
			s.passing[passing{pool, id}] = to
		}
	}
}

// at are the inputs of a pool at a stage, in the order of their ids: what is asked of
// the store and of the keyring is the same whenever the same happens.
func (s *Store) at(pool string, what stage) (ids []inquiry.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for p, at := range s.passing {
		if p.pool == pool && at == what {
			ids = append(ids, p.input)
		}
	}
	slices.SortFunc(ids, inquiry.ID.Compare)
	return ids
}

// passed forgets the keys of inputs that are done, of which there may still be
// copies. One that cannot be forgotten now is tried again behind the next commit, as
// is one of which it cannot be told whether it is done.
func (s *Store) passed(ctx context.Context, pool string) {
	s.move(pool, s.decided(ctx, pool, inDoubt), isDone)
	done := s.at(pool, isDone)
	if len(done) == 0 || s.Erase(ctx, pool, done...) != nil {
		return
	}
	s.move(pool, done, isGone)
}

// decided are those of the inputs at a stage that have an outcome, as far as the store
// tells now.
func (s *Store) decided(ctx context.Context, pool string, what stage) (ids []inquiry.ID) {
	all := s.at(pool, what)
	if len(all) == 0 {
		return nil
	}
	outcomes, err := s.inner.Outcomes(ctx, pool, all...)
	if err != nil {
		return nil
	}
	for i := range outcomes {
		ids = append(ids, outcomes[i].Input)
	}
	return ids
}
