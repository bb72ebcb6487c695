//go:build !unix

package pgserver

import "context"

// Server cannot be run here: name one with [Environment].
type Server struct{}

// Start fails with [ErrNotInstalled].
func Start(context.Context, ...string) (*Server, error) { return nil, ErrNotInstalled }

// DSN is empty.
func (s *Server) DSN() string { return "" }

// PID fails with [ErrNotInstalled].
func (s *Server) PID() (int, error) { return 0, ErrNotInstalled }

// Stop does nothing.
func (s *Server) Stop() {}

// Pool fails with [ErrNoPooler].
func (s *Server) Pool(context.Context, int) (*Pooler, error) { return nil, ErrNoPooler }

// Pooler cannot be run here.
type Pooler struct{}

// DSN is empty.
func (p *Pooler) DSN() string { return "" }

// Stop does nothing.
func (p *Pooler) Stop() {}
