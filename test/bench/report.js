/** The value below which this share of the sorted milliseconds lies, in hundredths; null when there is none. */
export function percentile(sorted, share) {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? null : Number(value.toFixed(2));
}

const DIGITS = 3;
const rounded = (value) => (value >= 100 ? Math.round(value) : Number(value.toPrecision(DIGITS)));

/** The middle one; of an even number, the mean of the two in the middle. */
function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  return middle.reduce((sum, one) => sum + one, 0) / middle.length;
}

/** The median, and from least to most when they differ; a dash when nothing is known. */
function spread(values) {
  const known = values.filter((value) => value !== null && value !== undefined && !Number.isNaN(value));
  if (known.length === 0) return '–';
  const [least, most] = [rounded(Math.min(...known)), rounded(Math.max(...known))];
  return least === most ? String(least) : `${rounded(median(known))} (${least}–${most})`;
}

function grouped(lines, keyOf) {
  const groups = new Map();
  for (const line of lines) groups.set(keyOf(line), [...(groups.get(keyOf(line)) ?? []), line]);
  return [...groups.values()];
}

/** A table in Markdown. */
function drawTable(heads, rows) {
  const widths = heads.map((head, at) => Math.max(head.length, ...rows.map((row) => row[at].length)));
  const draw = (cells, pad) => `| ${cells.map((cell, at) => pad(cell, at)).join(' | ')} |`;
  const left = (cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]));
  const rule = (_, at) => (at === 0 ? '-'.repeat(widths[at]) : `${'-'.repeat(widths[at] - 1)}:`);
  return [draw(heads, left), draw(heads, rule), ...rows.map((row) => draw(row, left))].join('\n');
}

const COLUMNS = [
  ['answers/s', 'requestsPerSecond'],
  ['decisions/s', 'decisionsPerSecond'],
  ['p50 ms', 'p50'],
  ['p95 ms', 'p95'],
  ['p99 ms', 'p99'],
  ['× echo', 'ratioToEcho'],
  ['× naive', 'ratioToNaive'],
  ['server CPU ms', 'serverCpu'],
  ['database CPU ms', 'databaseCpu'],
  ['WAL bytes', 'walBytes'],
  ['log bytes', 'auditBytes'],
];

/** Every measurement: the medians of its rounds, with their ranges. What stands after the ratios is for one request. */
export function speedTable(lines) {
  const groups = grouped(lines, ({ name, citizens, connections }) => `${name} ${citizens} ${connections}`);
  groups.sort(([one], [other]) => one.citizens - other.citizens);
  const rows = groups.map((group) => {
    const [{ name, citizens, connections }] = group;
    const cells = COLUMNS.map(([, field]) => spread(group.map((line) => line[field])));
    return [name, String(citizens), String(connections), ...cells];
  });
  return drawTable(['target', 'citizens', 'connections', ...COLUMNS.map(([head]) => head)], rows);
}

/** How the time of a check grows with the number of citizens, against the smallest of the same round. */
export function growthTable(lines) {
  const alike = grouped(lines, ({ name, connections, round }) => `${name} ${connections} ${round}`);
  const grown = alike.flatMap((group) => {
    const [first, ...more] = [...group].sort((one, other) => one.citizens - other.citizens);
    return more.map((line) => ({
      ...line,
      from: first,
      p50Ratio: line.p50 / first.p50,
      p99Ratio: line.p99 / first.p99,
    }));
  });
  const groups = grouped(grown, ({ name, connections, citizens }) => `${name} ${connections} ${citizens}`);
  const rows = groups.map((group) => {
    const [{ name, connections, citizens, from }] = group;
    const of = (pick) => spread(group.map(pick));
    const times = [of((line) => line.from.p50), of((line) => line.p50), of((line) => line.p50Ratio)];
    return [name, String(connections), `${from.citizens} → ${citizens}`, ...times, of((line) => line.p99Ratio)];
  });
  return drawTable(
    ['target', 'connections', 'citizens', 'p50 ms before', 'p50 ms after', 'p50 ratio', 'p99 ratio'],
    rows,
  );
}

/** What each register takes. */
export function sizeTable(sizes) {
  const rows = sizes.map(({ citizens, seconds, bytes, resident }) => {
    const most = resident.map((one) => (one === null ? '–' : String(one))).join(', ');
    return [String(citizens), String(seconds), String(bytes), most];
  });
  return drawTable(['citizens', 'filled in s', 'database bytes per citizen', 'server MB at most'], rows);
}
