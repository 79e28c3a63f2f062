import { readFileSync } from 'node:fs';
import { useTestServer } from '../setup/test-server.ts';

const server = useTestServer();

interface Source {
  readonly type: string;
  readonly uid: string;
}

interface Dashboard {
  readonly id: null;
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { name: string; type: string; query: string | { query: string } }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly datasource: Source;
    readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
    readonly targets: readonly { readonly datasource: Source; readonly expr: string }[];
  }[];
}

const TEXT = readFileSync(new URL('../../examples/grafana.json', import.meta.url), 'utf8');
const DASHBOARD = JSON.parse(TEXT) as Dashboard;
const SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Words of PromQL that stand where a metric could. */
const WORDS = new Set(['and', 'or', 'unless', 'bool', 'on', 'ignoring', 'group_left', 'group_right', 'offset', 'inf']);

/** The metrics that an expression asks for: its names, without selectors, ranges, what it groups by, and functions. */
function metricsIn(expression: string): string[] {
  const bare = expression.replaceAll(/\{[^}]*\}|\[[^\]]*\]|\b(by|without|on|ignoring)\s*\([^)]*\)/g, ' ');
  const names = bare.matchAll(/[a-z_:][a-z0-9_:]*\b(?!\s*\()/gi);
  return [...new Set([...names].map(([name]) => name))].filter((name) => !WORDS.has(name));
}

/** All that a server shows, also before anything happened: a histogram has three series. */
async function shownMetrics(): Promise<ReadonlySet<string>> {
  const text = await (await fetch(`${server().baseUrl}/metrics`)).text();
  const types = text.matchAll(/^# TYPE (\S+) (\w+)$/gm);
  return new Set(
    [...types].flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
    ),
  );
}

describe('the dashboard', () => {
  const expressions = DASHBOARD.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  it.each(DASHBOARD.panels)('asks for what the server shows: $title', async ({ targets }) => {
    const shown = await shownMetrics();
    for (const { expr } of targets) {
      expect(metricsIn(expr)).not.toEqual([]);
      expect(metricsIn(expr).filter((name) => !shown.has(name))).toEqual([]);
    }
  });

  it('leaves out nothing that the server shows of its own work', async () => {
    const asked = new Set(expressions.flatMap(metricsIn).map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    const shown = [...(await shownMetrics())].filter((name) => name.startsWith('akkoord_'));
    expect(shown.filter((name) => !asked.has(name.replace(/_(bucket|sum|count)$/, '')))).toEqual([]);
  });

  it('finds the servers by a metric that they have', async () => {
    const { query } = DASHBOARD.templating.list.find(({ name }) => name === 'instance') ?? {};
    const [, name = ''] = /^label_values\((\w+), instance\)$/.exec((query as { query: string }).query) ?? [];
    expect((await shownMetrics()).has(name)).toBe(true);
    for (const expression of expressions) {
      expect(expression.match(/\{/g)).toHaveLength(expression.split('instance=~"$instance"').length - 1);
    }
  });

  it('can be imported as it is, for any data source', () => {
    const { id, uid, title, schemaVersion, panels, templating } = DASHBOARD;
    expect({ id, uid, title }).toEqual({ id: null, uid: 'akkoord', title: 'Akkoord' });
    expect(schemaVersion).toBeGreaterThanOrEqual(36);
    expect(templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    expect(new Set(panels.map((panel) => panel.id)).size).toBe(panels.length);
    expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size).toBe(panels.length);
    for (const { datasource, targets, gridPos } of panels) {
      expect([datasource, ...targets.map((target) => target.datasource)]).toEqual([
        SOURCE,
        ...targets.map(() => SOURCE),
      ]);
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
    expect(TEXT).not.toMatch(/https?:/);
  });
});

it('a metric that no server shows is found in any place of an expression', async () => {
  const shown = await shownMetrics();
  const unknown = (expression: string) => metricsIn(expression).filter((name) => !shown.has(name));
  const rate = 'rate(akkoord_decisions_total{reason="no_such"}[5m])';
  expect(unknown(`sum by (no_such) (${rate})`)).toEqual([]);
  expect(unknown('sum by (reason) (rate(akkoord_decision_total[5m]))')).toEqual(['akkoord_decision_total']);
  expect(unknown(`${rate} / ignoring (reason) other_total and up > 0.5`)).toEqual(['other_total', 'up']);
  expect(unknown('histogram_quantile(0.5, akkoord_request_duration_seconds)')).toEqual([
    'akkoord_request_duration_seconds',
  ]);
});
