package sqlite

import (
	"fmt"
	"syscall"
	"testing"
	"time"
	"github.com/answerable-go/answerable/inquiry"
	"github.com/answerable-go/answerable/adapters"
)

func cpu() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func TestCPURecover(t *testing.T) {
	s := opened(t, Config{})
	term := led(t, s, "support")
	var head uint64
	for range 50 {
		batch := day("support", head, 1000)
		batch.Effects = nil
		batch.Events = batch.Events[:1]
		if err := s.Append(t.Context(), adapters.Commit{Pool: "support", Epoch: term.Epoch, Head: head, Batch: batch}); err != nil { t.Fatal(err) }
		head++
	}
	for range 4 {
		c, w := cpu(), time.Now()
		r, err := s.Recover(t.Context(), "support")
		fmt.Println(len(r.Rows), err, "cpu", cpu()-c, "wall", time.Since(w))
		c, w = cpu(), time.Now()
		tx, _ := s.readers.BeginTx(t.Context(), nil)
		rows, _ := recoverRows(t.Context(), tx, "support")
		tx.Rollback()
		fmt.Println("  rows", len(rows), "cpu", cpu()-c, "wall", time.Since(w))
	}
	b, _ := jsonText(day("support", 1, 1).Changed[0])
	fmt.Println("row bytes", len(b))
	c := cpu()
	for range 10000 {
		var r inquiry.Row
		readJSON("x", b, &r)
	}
	fmt.Println("decode 10k: ", cpu()-c)
}
