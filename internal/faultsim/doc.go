// Package faultsim lets several nodes run into every kind of trouble.
package faultsim
