package sched

import "volley/catalog/objstore/secret"

// Secrets are those that this process knows.
func (s *Scheduler) Secrets() *secret.Keeper { return s.cfg.Secrets }
