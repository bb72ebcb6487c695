// Package apart runs a test in a process and a mount namespace of its own: what
// it mounts nobody else sees, and all of it, loop devices included, is gone with
// the process, however that ends. It has a small disk to fill, too. There is
// something in it on Linux only.
package apart
