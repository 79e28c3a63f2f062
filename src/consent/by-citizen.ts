/** What is about citizens, each citizen's together in the order given, by the hexadecimal text of the citizen's key. */
export function byCitizen<About extends { readonly patientKey: Buffer }>(all: readonly About[]): Map<string, About[]> {
  return grouped(all, ({ patientKey }) => patientKey.toString('hex'));
}

/** Those with the same key together, in the order given. */
export function grouped<One>(all: readonly One[], keyOf: (one: One) => string): Map<string, One[]> {
  const groups = new Map<string, One[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
