import { readFileSync } from 'node:fs';
import type { z } from 'zod';

/** The settings a server is started with, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A secret by value (`NAME`) or from a file (`NAME_FILE`), without surrounding white space. */
export function secretText(env: Environment, name: string, wrong: string[]): string | undefined {
  const file = env[`${name}_FILE`];
  if (file === undefined) return env[name]?.trim();
  if (env[name] !== undefined) wrong.push(`${name} and ${name}_FILE are both given: leave one out.`);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    wrong.push(`${name}_FILE names a file that cannot be read.`);
    return undefined;
  }
}

/** A secret that must be there; nothing, and one sentence in `wrong`, when it is not or cannot be read. */
export function required(env: Environment, name: string, meaning: string, wrong: string[]): string | undefined {
  const known = wrong.length;
  const text = secretText(env, name, wrong);
  if (wrong.length > known) return undefined;
  if (text === undefined || text === '') wrong.push(`${name} (or ${name}_FILE) is missing: ${meaning}.`);
  return text === '' ? undefined : text;
}

/** Whether a setting is there, by value or as a file. */
export function isGiven(env: Environment, name: string): boolean {
  return env[name] !== undefined || env[`${name}_FILE`] !== undefined;
}

/** Whether a text is JSON of this shape. */
export function isJson(text: string, schema: z.ZodType): boolean {
  try {
    return schema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
