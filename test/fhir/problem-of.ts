import { Problem } from '../../src/problem.ts';

/** What `work` was refused for: kind, codes and expressions. Undefined when it was not refused; other errors pass. */
export function refusalOf(work: () => unknown): { kind: string; codes: string[]; expressions: unknown[] } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const codes = error.issues.map(({ code }) => code);
    return { kind: error.kind, codes, expressions: error.issues.map(({ expression }) => expression) };
  }
}

/** Every word a refusal shows to the caller. */
export function publicTextOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return JSON.stringify([error.message, error.issues]);
  }
}
