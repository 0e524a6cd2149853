import sys

counts = {}
lines = iter(sys.stdin)
next(lines)
for line in lines:
    key = line.split(",")[3]
    counts[key] = counts.get(key, 0) + 1
print(counts)
