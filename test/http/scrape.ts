import type { TestServer } from '../setup/test-server.ts';

/** What the metrics say now: a number by series (`akkoord_x_total{decision="permit"}`); nothing of a series that is not there. */
export async function scrape({ baseUrl }: Pick<TestServer, 'baseUrl'>): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`${baseUrl}/metrics`);
  if (answer.status !== 200) throw new Error(`the metrics were answered with ${answer.status}`);
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

/** By how much each series changes while something is done. */
export async function changes(
  server: Pick<TestServer, 'baseUrl'>,
  work: () => Promise<unknown>,
): Promise<(series: string) => number> {
  const before = await scrape(server);
  await work();
  const after = await scrape(server);
  return (series) => (after.get(series) ?? 0) - (before.get(series) ?? 0);
}
