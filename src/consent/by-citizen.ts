/** What is about citizens, each citizen's together in the order given, by the hexadecimal text of the citizen's key. */
export function byCitizen<About extends { readonly patientKey: Buffer }>(all: readonly About[]): Map<string, About[]> {
  const groups = new Map<string, About[]>();
  for (const one of all) {
    const key = one.patientKey.toString('hex');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
