import { readRule, type Rule } from '../decision/stored-rule.ts';

/** Most rules that are remembered, each of some hundreds of characters; then all are forgotten. */
const MOST = 10_000;

const read = new Map<string, Rule | undefined>();

/**
 * Reads a stored rule, once: most citizens chose what others chose, and to read a rule takes longer than to find it. What is
 * remembered is what a text says, never whose it is or whether it stands.
 * @param text JSON
 */
export function readKnownRule(text: string): Rule | undefined {
  const known = read.get(text);
  if (known !== undefined || read.has(text)) return known;
  if (read.size >= MOST) read.clear();
  const rule = readRule(JSON.parse(text));
  // As a text of its own: a part of another one would keep all of that in memory.
  read.set(Buffer.from(text).toString(), rule);
  return rule;
}
