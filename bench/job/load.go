package job

import (
	"fmt"
	"os"
	"path/filepath"

	"volley/bench/server"
)

// Load makes the tables as Parquet files in dir and declares them to a server that
// may read and write there. It gives the files by table.
func Load(s *server.Server, dir string, scale float64, queries []Query) (map[string]string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := Generate(dir, scale, queries); err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, t := range Tables() {
		csv, file := filepath.Join(dir, t.Name+".csv"), filepath.Join(dir, t.Name+".parquet")
		for _, sql := range []string{
			fmt.Sprintf("CREATE EXTERNAL TABLE %s_csv %s STORED AS CSV LOCATION '%s' OPTIONS (delim '|', header 'false')", t.Name, t.DDL(), csv),
			fmt.Sprintf("COPY (SELECT * FROM %s_csv) TO '%s' (FORMAT parquet)", t.Name, file),
			fmt.Sprintf("DROP TABLE %s_csv", t.Name),
			fmt.Sprintf("CREATE EXTERNAL TABLE %s STORED AS PARQUET LOCATION '%s'", t.Name, file),
		} {
			if _, err := s.Ask(sql); err != nil {
				return nil, fmt.Errorf("%s: %w", t.Name, err)
			}
		}
		files[t.Name] = file
		if err := os.Remove(csv); err != nil {
			return nil, err
		}
	}
	return files, nil
}
