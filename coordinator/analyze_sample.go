package coordinator

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"

	"volley/catalog"
	"volley/catalog/statistics"
	"volley/parser"
)

// sampleColumns adds widths, common values and histograms. The sample counts as
// memory of the query that gives it.
func (s *Session) sampleColumns(ctx context.Context, t *analyzed, stats *catalog.Stats) (sampled int64, err error) {
	list := make([]string, len(t.columns))
	samples := make([]statistics.Sample, len(t.columns))
	for i, c := range t.columns {
		list[i] = t.column(c)
		samples[i] = statistics.Sample{Random: true, Rows: float64(stats.Rows), Distinct: float64(stats.Columns[c].Distinct)}
	}
	text := "SELECT " + strings.Join(list, ", ") + t.from()
	if stats.Rows > statistics.SampleRows {
		text += fmt.Sprintf(" TABLESAMPLE BERNOULLI (%g)", 100*float64(statistics.SampleRows)/float64(stats.Rows))
	}
	res, err := s.runText(ctx, text)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Close() }()
	for {
		rec, err := res.Next(ctx)
		if errors.Is(err, errEnd) {
			break
		}
		if err != nil {
			return 0, err
		}
		sampled += rec.NumRows()
		for i := range samples {
			bytes, err := samples[i].Add(rec.Column(i))
			if err == nil {
				err = res.query.Reserve(bytes)
			}
			if err != nil {
				return 0, err
			}
		}
	}
	for i, c := range t.columns {
		found, known := samples[i].Column(), &stats.Columns[c]
		known.Width, known.Common, known.CommonShares, known.Bounds = found.Width, found.Common, found.CommonShares, found.Bounds
	}
	return sampled, nil
}

// runText runs a query of the session's own.
func (s *Session) runText(ctx context.Context, text string) (*Result, error) {
	stmt, err := parser.ParseOne(text)
	if err != nil {
		return nil, err
	}
	p, err := s.prepareStatement(ctx, stmt, text, nil)
	if err != nil {
		return nil, err
	}
	return s.runQuery(ctx, p, nil)
}

// collect runs a query of the session's own to its end.
func (s *Session) collect(ctx context.Context, text string) ([]arrow.Record, error) {
	res, err := s.runText(ctx, text)
	if err != nil {
		return nil, err
	}
	return drain(ctx, res)
}
