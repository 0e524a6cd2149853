package coordinator

import (
	"context"
	"slices"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/memtable"
	"volley/parser/ast"
	"volley/planner"
	"volley/planner/physical"
	"volley/sqlerr"
	"volley/sqltype"
)

// fileUse is a table of files that a statement reads: what it was when the
// statement was bound, and how to look for it again. Or it is a managed table,
// of which moved tells whether its statistics are others now.
type fileUse struct {
	def   *catalog.TableDef
	look  func(ctx context.Context) (*catalog.TableDef, error)
	moved func() bool
}

// fewRows is by how many rows a managed table may always change without a new
// plan; beyond it, it may not double or halve.
const fewRows = 1000

// readManaged notes that what is being bound reads a managed table.
func (s *Session) readManaged(t *memtable.Table) {
	rows, analyzed := t.Stats(s.writes).Rows, t.Analyzed(s.writes)
	s.files = append(s.files, fileUse{moved: func() bool {
		now := t.Stats(s.writes).Rows
		return t.Analyzed(s.writes) != analyzed || now > 2*rows+fewRows || 2*now+fewRows < rows
	}})
}

// changed tells whether the files are others now, or of another size or time.
func (u fileUse) changed(ctx context.Context) bool {
	if u.moved != nil {
		return u.moved()
	}
	now, err := u.look(ctx)
	return err != nil || u.def == nil || now != u.def && !slices.Equal(now.Files, u.def.Files)
}

// justNow is how soon after it was bound a statement runs that is bound to be run
// once. Its files are not looked at again.
const justNow = 100 * time.Millisecond

// renew binds the statement again if what it was
// bound to has changed: the catalog, the search path, files, or the statistics of
// tables by much. A result of other columns is not what was promised when it was
// prepared: it is refused until there are the same columns again. The types of
// parameters stay what they were.
func (p *Prepared) renew(ctx context.Context) error {
	stale := p.version != p.s.c.version() || !slices.Equal(p.path, p.s.searchPath())
	if !stale && (p.runs > 1 || p.named || time.Since(p.at) > justNow) {
		stale = slices.ContainsFunc(p.files, func(u fileUse) bool { return u.changed(ctx) })
	}
	if !stale {
		return nil
	}
	fresh := &Prepared{s: p.s, sql: p.sql, stmt: p.stmt, given: p.given}
	if len(p.params) > 0 {
		fresh.given = p.params
	}
	if err := fresh.bind(ctx); err != nil {
		return err
	}
	if p.promises() && !sameTypes(p.columns, fresh.columns) {
		return sqlerr.New(sqlerr.FeatureNotSupported, "cached plan must not change result type")
	}
	p.s.prepared.mu.Lock() // their types are in it
	defer p.s.prepared.mu.Unlock()
	p.binding = fresh.binding
	return nil
}

// lookAgain has the next renew look at the files, however soon it is.
func (p *Prepared) lookAgain() { p.at = time.Time{} }

// promises tells whether the columns of the statement's result are those that it
// had when it was prepared.
func (p *Prepared) promises() bool {
	_, query := p.stmt.(*ast.Query)
	return !p.unseen && (query || isChange(p.stmt))
}

func sameTypes(a, b *arrow.Schema) bool {
	if a == nil || b == nil {
		return a == b
	}
	return slices.EqualFunc(a.Fields(), b.Fields(), func(x, y arrow.Field) bool {
		return x.Name == y.Name && sqltype.Equal(x.Type, y.Type)
	})
}

// maxPlans is how many plans of one statement are kept.
const maxPlans = 8

// planCache are the plans of a prepared statement for what it is bound to: custom
// ones, each for some values of the parameters, by which scans leave files out and
// conditions become constants, and the generic one, for all values.
type planCache struct {
	plans   []keptPlan
	next    int // the one to be replaced when there are maxPlans
	asked   bool
	depends bool // on more than the key: on the time, say
	generic keptGeneric
}

// planKey is what a plan was made for besides values.
type planKey struct {
	opts  planner.PlanOptions
	zone  string
	style sqltype.Style
}

func (s *Session) planKey(opts planner.PlanOptions) planKey {
	opts.Files = nil // is of one planning
	zone, _ := s.settings.get("timezone")
	return planKey{opts: opts, zone: zone, style: s.settings.style()}
}

// keptPlan is a custom plan and what it was made for.
type keptPlan struct {
	planKey
	params []arrow.Array
	plan   *physical.Plan
	files  []fileUse // that were listed for it
}

// custom gives a plan for these values of the parameters, made by make unless one
// is kept whose files are still the same. The first run of a statement (again is false),
// often its only one, keeps none.
func (c *planCache) custom(ctx context.Context, s *Session, again bool, b *planner.Bound, params []arrow.Array, opts planner.PlanOptions, make func() (*physical.Plan, error)) (*physical.Plan, error) {
	if !again || opts.Encode != nil || c.dependsOnMore(s, b) {
		return make()
	}
	k := keptPlan{planKey: s.planKey(opts), params: params}
	at := slices.IndexFunc(c.plans, func(kept keptPlan) bool { return kept.fits(k) })
	if at >= 0 && !slices.ContainsFunc(c.plans[at].files, func(u fileUse) bool { return u.changed(ctx) }) {
		return c.plans[at].plan, nil
	}
	var err error
	if k.plan, err = make(); err != nil {
		return nil, err
	}
	if l, ok := opts.Files.(*fileLister); ok {
		k.files = l.uses
	}
	switch {
	case at >= 0:
		c.plans[at] = k
	case len(c.plans) < maxPlans:
		c.plans = append(c.plans, k)
	default:
		c.plans[c.next] = k
		c.next = (c.next + 1) % maxPlans
	}
	return k.plan, nil
}

// dependsOnMore tells whether a custom plan is that of one moment, or of one state of
// the session.
func (c *planCache) dependsOnMore(s *Session, b *planner.Bound) bool {
	if !c.asked {
		c.asked, c.depends = true, !s.planner().Repeatable(b)
	}
	return c.depends
}

func (k keptPlan) fits(o keptPlan) bool {
	return k.planKey == o.planKey && slices.EqualFunc(k.params, o.params, sameValues)
}
