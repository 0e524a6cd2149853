package pgcatalog

import (
	"strings"
)

func init() {
	fillers["pg_catalog.pg_class"] = fillClass
	fillers["pg_catalog.pg_tables"] = fillTables
	fillers["pg_catalog.pg_views"] = fillViews
	fillers["pg_catalog.pg_indexes"] = fillIndexes
	fillers["pg_catalog.pg_index"] = fillIndex
	fillers["pg_catalog.pg_stat_user_tables"] = fillTableStatistics
	fillers["pg_catalog.pg_stat_all_tables"] = fillTableStatistics
	fillers["pg_catalog.pg_sequence"] = fillSequence
	fillers["pg_catalog.pg_sequences"] = fillSequences
}

func fillClass(db *Database, r *rows) {
	for _, rel := range db.relations() {
		persistence := "p"
		if rel.Temp {
			persistence = "t"
		}
		am, tuples := 0, float64(-1)
		if rel.Kind == Table {
			am = heap
		}
		if rel.Rows > 0 || rel.Rows == 0 && rel.Analyzed != nil && rel.Analyzed() != nil {
			tuples = float64(rel.Rows)
		}
		base := values{
			"oid": rel.OID, "relname": rel.Name, "relnamespace": db.schemaOID(rel.Schema), "relowner": superuser, "relam": am,
			"relfilenode": rel.OID, "reltuples": tuples, "relhasindex": len(rel.Keys) > 0, "relpersistence": persistence,
			"relkind": rel.Kind, "relnatts": len(rel.Columns), "relchecks": len(rel.Checks), "relhasrules": rel.Kind == View,
			"relispopulated": true, "relreplident": "d", "relpages": int(rel.Bytes / 8192),
			"relhastriggers": len(rel.ForeignKeys) > 0,
		}
		if rel.System {
			base["relreplident"] = "n"
		} else if rel.Kind != Sequence {
			base["reltype"] = db.rowType(rel)
		}
		r.add(base)
		for i := range rel.Keys {
			k := &rel.Keys[i]
			r.add(values{
				"oid": k.OID, "relname": k.Name, "relnamespace": db.schemaOID(rel.Schema), "relowner": superuser, "relam": btree,
				"relfilenode": k.OID, "relpersistence": persistence, "relkind": Index, "relnatts": len(k.Columns),
				"relispopulated": true, "relreplident": "n",
			})
		}
	}
}

func fillTables(db *Database, r *rows) {
	for _, rel := range db.relations() {
		if rel.Kind == Table {
			r.add(values{
				"schemaname": rel.Schema, "tablename": rel.Name, "tableowner": db.User, "hasindexes": len(rel.Keys) > 0,
				"hasrules": false, "hastriggers": false, "rowsecurity": false,
			})
		}
	}
}

func fillViews(db *Database, r *rows) {
	for _, rel := range db.relations() {
		if rel.Kind == View {
			r.add(values{"schemaname": rel.Schema, "viewname": rel.Name, "viewowner": db.User, "definition": viewText(rel)})
		}
	}
}

// viewText is a view's query as pg_get_viewdef gives it.
func viewText(rel *Relation) string {
	if rel.Query == "" {
		return ""
	}
	return " " + strings.TrimSuffix(strings.TrimSpace(rel.Query), ";") + ";"
}

func fillIndexes(db *Database, r *rows) {
	for _, rel := range db.relations() {
		for i := range rel.Keys {
			k := &rel.Keys[i]
			r.add(values{"schemaname": rel.Schema, "tablename": rel.Name, "indexname": k.Name, "indexdef": db.indexText(rel, k, true)})
		}
	}
}

// indexText is CREATE INDEX as pg_get_indexdef gives it.
func (db *Database) indexText(rel *Relation, k *Key, qualified bool) string {
	var b strings.Builder
	b.WriteString("CREATE ")
	if k.Unique {
		b.WriteString("UNIQUE ")
	}
	b.WriteString("INDEX " + QuoteIdent(k.Name) + " ON ")
	if qualified || !db.visible(rel.Schema, rel.Name) {
		b.WriteString(QuoteIdent(rel.Schema) + ".")
	}
	b.WriteString(QuoteIdent(rel.Name) + " USING btree (")
	for i := range k.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(k.columnText(rel, i, !qualified) + k.sorting(i))
	}
	b.WriteString(")")
	if k.NullsNotDistinct {
		b.WriteString(" NULLS NOT DISTINCT")
	}
	switch {
	case k.Where == "":
	case qualified && !isName(k.Where):
		b.WriteString(" WHERE (" + k.Where + ")")
	default:
		b.WriteString(" WHERE " + k.Where)
	}
	return b.String()
}

// isName tells whether SQL text is a name alone.
func isName(sql string) bool {
	_, ok := splitName(sql)
	return ok && !strings.ContainsAny(sql, " ()<>=")
}

// columnText is a column of an index in its definition.
func (k *Key) columnText(rel *Relation, i int, pretty bool) string {
	if e := k.expr(i); e != nil {
		if !pretty && strings.HasPrefix(e.Text, "(") {
			return "(" + e.Text + ")"
		}
		return e.Text
	}
	return QuoteIdent(rel.Columns[k.Columns[i]].Name)
}

// expr is the expression that a column of an index is, nil for a column of the table.
func (k *Key) expr(i int) *KeyExpr {
	if k.Columns[i] >= 0 {
		return nil
	}
	n := 0
	for _, c := range k.Columns[:i] {
		if c < 0 {
			n++
		}
	}
	return &k.Exprs[n]
}

// sorting is how a column's definition ends.
func (k *Key) sorting(i int) string {
	switch k.options()[i] {
	case 1:
		return " DESC NULLS LAST"
	case 2:
		return " NULLS FIRST"
	case 3:
		return " DESC"
	}
	return ""
}

// options are pg_index.indoption.
func (k *Key) options() []int16 {
	if k.Options != nil {
		return k.Options
	}
	return make([]int16, len(k.Columns))
}

// exprTexts are the expressions of an index as pg_index has them, nil for none.
func (k *Key) exprTexts() any {
	if len(k.Exprs) == 0 {
		return nil
	}
	texts := make([]string, len(k.Exprs))
	for i, e := range k.Exprs {
		texts[i] = e.Text
	}
	return strings.Join(texts, ", ")
}

// condition is the condition of an index as pg_index has it, nil for none.
func (k *Key) condition() any {
	switch {
	case k.Where == "":
		return nil
	case isName(k.Where):
		return k.Where
	}
	return "(" + k.Where + ")"
}

// columnList is names of columns, separated by commas.
func columnList(rel *Relation, ordinals []int) string {
	names := make([]string, len(ordinals))
	for i, c := range ordinals {
		names[i] = QuoteIdent(rel.Columns[c].Name)
	}
	return strings.Join(names, ", ")
}

func fillIndex(db *Database, r *rows) {
	for _, rel := range db.relations() {
		for i := range rel.Keys {
			k := &rel.Keys[i]
			n := len(k.Columns)
			r.add(values{
				"indexrelid": k.OID, "indrelid": rel.OID, "indnatts": n, "indnkeyatts": n, "indisunique": k.Unique,
				"indisprimary": k.Primary, "indnullsnotdistinct": k.NullsNotDistinct, "indimmediate": !k.Deferrable, "indisvalid": true, "indisready": true, "indislive": true,
				"indkey": attributeNumbers(k.Columns), "indoption": k.options(), "indexprs": k.exprTexts(), "indpred": k.condition(), "indcollation": make([]uint32, n),
				"indclass": make([]uint32, n),
			})
		}
	}
}

// attributeNumbers are pg_attribute.attnum of ordinals.
func attributeNumbers(ordinals []int) []int16 {
	out := make([]int16, len(ordinals))
	for i, c := range ordinals {
		out[i] = int16(c + 1)
	}
	return out
}

func fillTableStatistics(db *Database, r *rows) {
	for _, rel := range db.relations() {
		if rel.Kind == Table && (!rel.System || strings.HasSuffix(r.relation.Name, "all_tables")) {
			r.add(values{
				"relid": rel.OID, "schemaname": rel.Schema, "relname": rel.Name, "n_live_tup": max(rel.Rows, 0),
				"seq_scan": 0, "seq_tup_read": 0, "n_tup_ins": 0, "n_tup_upd": 0, "n_tup_del": 0, "n_dead_tup": 0,
			})
		}
	}
}

func fillSequence(db *Database, r *rows) {
	for _, rel := range db.relations() {
		if q := rel.Sequence; q != nil {
			r.add(values{
				"seqrelid": rel.OID, "seqtypid": sequenceType(q), "seqstart": q.Start, "seqincrement": q.Increment,
				"seqmax": q.Max, "seqmin": q.Min, "seqcache": 1, "seqcycle": q.Cycle,
			})
		}
	}
}

// sequenceType is the type whose numbers a sequence gives, by its bounds.
func sequenceType(q *SequenceState) uint32 {
	switch {
	case q.Max == 1<<15-1 || q.Min == -1<<15:
		return 21
	case q.Max == 1<<31-1 || q.Min == -1<<31:
		return 23
	}
	return 20
}

func fillSequences(db *Database, r *rows) {
	for _, rel := range db.relations() {
		if q := rel.Sequence; q != nil {
			t := sequenceType(q)
			v := values{
				"schemaname": rel.Schema, "sequencename": rel.Name, "sequenceowner": db.User,
				"data_type": reg{t, FormatType(t, noModifier)}, "start_value": q.Start, "min_value": q.Min, "max_value": q.Max,
				"increment_by": q.Increment, "cycle": q.Cycle, "cache_size": 1,
			}
			if q.Called {
				v["last_value"] = q.Last
			}
			r.add(v)
		}
	}
}
