// Package sched runs the stages of a plan as tasks on workers.
//
//	            Run(plan)                         workers: in process, or over Flight
//	               │ splits → tasks                     │ joined, done, failed, lost
//	               ▼                                    ▼
//	┌──────────────────────── machine ─────────────────────────┐
//	│ pure state: queries → stages → tasks → attempts; workers │
//	└──────────────────────────────────────────────────────────┘
//	               │ actions: start, cancel, free, drop, probe, publish, fail
//	               ▼
//	            driver (Scheduler) ──► root stage, which pulls published outputs
//
// The machine (machine.go and the files beside it: assign, attempt, chain, lose,
// speculate) does no I/O and reads no clock: every event brings its time, and
// every decision is an action. It is what the simulation tests drive. The
// Scheduler holds it under one lock, feeds it events and carries out its
// actions, none of which blocks.
//
// What holds at any time:
//
//   - An attempt's output counts only once the attempt has finished, is the
//     first of its task to do so, and, if its first split began at a guessed
//     record boundary, the split before it really ended there (chain.go). Only
//     then is the task confirmed, and only confirmed outputs are read.
//   - A result that comes from an attempt that is no longer wanted is dropped:
//     attempt numbers of a task are never used twice.
//   - The root stage takes each producer task exactly once.
//
// Everything ends a worker in the same one event (lose.go), whether its
// connection broke, its heartbeats stopped, or it said good-bye.
package sched
