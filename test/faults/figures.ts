import type { Load } from './load.ts';

type Times = Readonly<Record<string, readonly number[]>>;

/** Prints what came of a run in which nothing was lost and nothing happened twice. @param times milliseconds */
export function figures(what: string, kills: number, load: Load, times: Times): void {
  const measured = Object.entries(times).map(([name, all]) => `${name} ${spread(all)}`);
  const counts = `${kills} kills, ${load.acknowledged} acknowledged (${load.decisions.acknowledged.length} decisions, ${load.choices.acknowledged} choices), ${load.unknown} unknown, 0 lost, 0 twice`;
  process.stdout.write(`${what}: ${[counts, ...measured].join('; ')}\n`);
}

function spread(all: readonly number[]): string {
  const sorted = [...all].sort((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return `${at(0.5)} ms (median; most ${at(1)} ms)`;
}
