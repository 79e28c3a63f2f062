/** Collects the values of a statement that is put together from parts. */
export interface Bindings {
  readonly values: readonly unknown[];
  /** Adds a value and returns its place in the text, `$1::type`. */
  bind(value: unknown, type: string): string;
}

export function createBindings(): Bindings {
  const values: unknown[] = [];
  return { values, bind: (value, type) => `$${values.push(value)}::${type}` };
}
