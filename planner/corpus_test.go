package planner

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"volley/parser"
	"volley/parser/ast"
	"volley/sqlerr"
)

// TestCorpora binds and plans the queries of public test suites and checks
// their plans' consistency. What is not supported must say so (0A000); the
// number planned may only grow.
func TestCorpora(t *testing.T) {
	const root = "../../shared/corpora/"
	for _, c := range []struct {
		glob, tables string
		least        int // percent planned
	}{
		{"sqllogictest-sqlite/test/select1.test", "t1 a integer, b integer, c integer, d integer, e integer", 100},
		{"sqllogictest-sqlite/test/select2.test", "t1 a integer, b integer, c integer, d integer, e integer", 100},
		{"tpch/queries/*", tpchTables, 100},
	} {
		files, err := filepath.Glob(root + c.glob)
		if err != nil || len(files) == 0 {
			t.Logf("%s is not here: skipped", c.glob)
			continue
		}
		w := &world{tables: map[string]Object{}}
		w.define(c.tables, 1<<28)
		p := newPlanner(t)
		planned, total := 0, 0
		reasons := map[string]int{}
		for _, f := range files {
			for _, sql := range queriesOf(t, f) {
				total++
				err := planOne(t, p, w, sql)
				switch code := sqlerr.Code(err); {
				case err == nil:
					planned++
				case code == sqlerr.FeatureNotSupported || code == sqlerr.UndefinedFunction || code == sqlerr.SyntaxError:
					reasons[err.Error()]++
				default:
					t.Errorf("%s: %s: %v", f, sql, err)
				}
			}
		}
		t.Logf("%s: %d of %d planned", c.glob, planned, total)
		for _, r := range mostFrequent(reasons, 8) {
			t.Logf("  %d × %s", reasons[r], r)
		}
		if planned*100 < total*c.least {
			t.Errorf("%s: only %d of %d planned", c.glob, planned, total)
		}
	}
}

const tpchTables = `region r_regionkey integer, r_name text, r_comment text
nation n_nationkey integer, n_name text, n_regionkey integer, n_comment text
supplier s_suppkey integer, s_name text, s_address text, s_nationkey integer, s_phone text, s_acctbal numeric(15;2), s_comment text
customer c_custkey integer, c_name text, c_address text, c_nationkey integer, c_phone text, c_acctbal numeric(15;2), c_mktsegment text, c_comment text
part p_partkey integer, p_name text, p_mfgr text, p_brand text, p_type text, p_size integer, p_container text, p_retailprice numeric(15;2), p_comment text
partsupp ps_partkey integer, ps_suppkey integer, ps_availqty integer, ps_supplycost numeric(15;2), ps_comment text
orders o_orderkey integer, o_custkey integer, o_orderstatus text, o_totalprice numeric(15;2), o_orderdate date, o_orderpriority text, o_clerk text, o_shippriority integer, o_comment text
lineitem l_orderkey integer, l_partkey integer, l_suppkey integer, l_linenumber integer, l_quantity numeric(15;2), l_extendedprice numeric(15;2), l_discount numeric(15;2), l_tax numeric(15;2), l_returnflag text, l_linestatus text, l_shipdate date, l_commitdate date, l_receiptdate date, l_shipinstruct text, l_shipmode text, l_comment text`

func planOne(t *testing.T, p *Planner, w *world, sql string) error {
	st, err := parser.ParseOne(sql)
	if err != nil {
		return err
	}
	q, ok := st.(*ast.Query)
	if !ok {
		return sqlerr.New(sqlerr.FeatureNotSupported, "no query")
	}
	b, err := p.Bind(context.Background(), q, w, BindOptions{})
	if err != nil {
		return err
	}
	plan, err := p.Plan(context.Background(), b, nil, PlanOptions{Slots: 4, Distributed: true})
	if err != nil {
		return err
	}
	before := t.Failed()
	checkPlan(t, plan)
	checkCodec(t, plan)
	if t.Failed() && !before {
		t.Logf("%s\n%s", sql, Explain(plan))
	}
	return nil
}

// queriesOf are the queries of a sqllogictest file, or an SQL file's first one.
func queriesOf(t *testing.T, file string) []string {
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(file, ".test") {
		return []string{strings.TrimRight(strings.TrimSpace(string(raw)), ";")}
	}
	var out, sql []string
	inQuery := false
	sc := bufio.NewScanner(strings.NewReader(string(raw)))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		switch line := sc.Text(); {
		case strings.HasPrefix(line, "query "):
			inQuery, sql = true, nil
		case inQuery && strings.HasPrefix(line, "----"):
			inQuery = false
			out = append(out, strings.Join(sql, "\n"))
		case inQuery:
			sql = append(sql, line)
		}
	}
	return out
}

func mostFrequent(m map[string]int, n int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return m[keys[i]] > m[keys[j]] })
	return keys[:min(n, len(keys))]
}
