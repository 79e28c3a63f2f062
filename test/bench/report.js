/** The value below which this share of the sorted milliseconds lies, in hundredths; null when there is none. */
export function percentile(sorted, share) {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? null : Number(value.toFixed(2));
}

/** The middle one; of an even number, the mean of the two in the middle. */
function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return Number((middle.reduce((sum, one) => sum + one, 0) / middle.length).toFixed(3));
}

/** One row per measurement: the medians of its rounds. */
export function summarise(lines) {
  const groups = new Map();
  for (const line of lines) {
    const key = `${line.name} ${line.connections}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()].map((group) => ({
    name: group[0].name,
    connections: group[0].connections,
    requestsPerSecond: Math.round(median(group.map((line) => line.requestsPerSecond))),
    p50: median(group.map((line) => line.p50)),
    p99: median(group.map((line) => line.p99)),
    ratioToEcho: median(group.map((line) => line.ratioToEcho)),
    errors: group.reduce((sum, line) => sum + line.errors, 0),
  }));
}

const COLUMNS = ['name', 'connections', 'requestsPerSecond', 'p50', 'p99', 'ratioToEcho', 'errors'];

/** The rows as text, in columns. */
export function drawTable(rows) {
  const cells = [COLUMNS, ...rows.map((row) => COLUMNS.map((column) => String(row[column])))];
  const widths = COLUMNS.map((_, at) => Math.max(...cells.map((line) => line[at].length)));
  return cells.map((line) => line.map((text, at) => text.padStart(widths[at])).join('  ')).join('\n');
}
