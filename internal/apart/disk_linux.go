package apart

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Disk is a small one, in memory. Only a process apart has any; it goes with it.
type Disk struct {
	At string // where it is mounted
}

// NewDisk mounts a disk of so many KiB at a directory. Options are tmpfs's, such
// as "uid=70".
func NewDisk(at string, kib int, options ...string) (*Disk, error) {
	options = append([]string{fmt.Sprintf("size=%dk", kib)}, options...)
	if err := syscall.Mount("tmpfs", at, "tmpfs", 0, strings.Join(options, ",")); err != nil {
		return nil, fmt.Errorf("a tmpfs cannot be mounted: %w", err)
	}
	return &Disk{at}, nil
}

func (d *Disk) ballast() string { return filepath.Join(d.At, "ballast") }

// Fill takes all the room that there is but for so many bytes.
func (d *Disk) Fill(but int64) error {
	f, err := os.OpenFile(d.ballast(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // what it takes counts, not what is in it
	for block := make([]byte, 1<<16); len(block) > 0; {
		if _, err = f.Write(block); err != nil {
			block = block[:len(block)/2]
		}
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("filling a disk: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return f.Truncate(max(0, info.Size()-but))
}

// Grow makes it large, as somebody does who was told that it is full.
func (d *Disk) Grow() error {
	return errors.Join(os.Remove(d.ballast()), syscall.Mount("tmpfs", d.At, "tmpfs", syscall.MS_REMOUNT, "size=512m"))
}

// Unmount takes it away, which fails while anybody has a file of it open.
func (d *Disk) Unmount() error { return syscall.Unmount(d.At, 0) }

// Detach takes it away from whoever comes now. Those who have a file of it open
// keep that, as a server's background processes keep for a while what was dropped.
func (d *Disk) Detach() error { return syscall.Unmount(d.At, syscall.MNT_DETACH) }
