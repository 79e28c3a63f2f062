import { findParents } from '../storage/family.ts';
import type { Passed } from './passed.ts';
import { findAnswers, isProposed, versionOf } from './proposals.ts';

/** What a child proposes stands in the log of every parent who decided about it before (rule 30). */
export async function tellParents({ unit, citizens }: Passed): Promise<void> {
  const proposing = citizens.filter(({ recorded }) => recorded.way !== 'confirmation' && recorded.way !== 'migration');
  if (proposing.length === 0) return;
  const parents = await findParents(
    unit.sql,
    proposing.map(({ patientKey }) => patientKey),
  );
  for (const { patientKey, recorded } of proposing) {
    const own = parents.filter(({ childKey }) => childKey.equals(patientKey));
    if (own.length === 0) continue;
    const waiting = (await findAnswers(unit.sql, patientKey)).filter(isProposed).map(versionOf);
    const entities = recorded.consents.filter((version) => waiting.includes(version));
    if (entities.length === 0) continue;
    for (const { parentKey } of own) unit.note({ patientKey: parentKey, detail: { entities, family: 'proposed' } });
  }
}
