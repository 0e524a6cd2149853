package csv

import (
	"net/url"
	"path"
	"strings"
)

// hiveNull is how a NULL is written in a partition directory's name.
const hiveNull = "__HIVE_DEFAULT_PARTITION__"

// hiveKeys are the k of the k=v directories of a path, in order.
func hiveKeys(file string) []string {
	var keys []string
	for dir := range strings.SplitSeq(path.Dir(file), "/") {
		if k, _, ok := hivePair(dir); ok {
			keys = append(keys, k)
		}
	}
	return keys
}

func hivePair(dir string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(dir, "=")
	if !ok || key == "" {
		return "", "", false
	}
	if k, err := url.PathUnescape(key); err == nil {
		key = k
	}
	if v, err := url.PathUnescape(value); err == nil {
		value = v
	}
	return key, value, true
}

// partitionValue is the v of the last directory key=v of a path.
func partitionValue(file, key string) (value string, ok bool) {
	for dir := range strings.SplitSeq(path.Dir(file), "/") {
		if k, v, is := hivePair(dir); is && strings.EqualFold(k, key) {
			value, ok = v, true
		}
	}
	return value, ok
}
