import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const OPTIONS = { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } };

/** Loads a TypeScript module, which the oldest supported Node cannot do by itself. */
export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  const source = transformSync(readFileSync(fileURLToPath(url), 'utf8'), { ...OPTIONS, filename: fileURLToPath(url) });
  return { format: 'module', source: source.code, shortCircuit: true };
}
