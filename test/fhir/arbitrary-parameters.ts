import fc from 'fast-check';

const VALUES = ['valueIdentifier', 'valueCoding', 'valueCode', 'valueString', 'valueInstant', 'part', 'resource'];
const TEXTS = ['900186021', '00000659', 'TREAT', 'GGC002', 'HA', 'RPZAC005', 'certain', 'all', 'permit', 'deny', ''];

/** Parameters resources that look right from afar: known names, real value types, contents that may be anything. */
export function parametersLike(names: readonly string[]): fc.Arbitrary<unknown> {
  const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string());
  const content = fc.oneof(
    text,
    fc.record({ value: text, system: text }, { requiredKeys: [] }),
    fc.record({ code: text }),
    fc.anything(),
  );
  const element = fc
    .tuple(fc.constantFrom(...names), fc.constantFrom(...VALUES), content)
    .map(([name, key, value]) => ({ name, [key]: value }));
  const withParts = fc.oneof(
    element,
    fc.tuple(fc.constantFrom(...names), fc.array(element)).map(([name, part]) => ({ name, part })),
  );
  return fc.array(withParts).map((parameter) => ({ resourceType: 'Parameters', parameter }));
}
