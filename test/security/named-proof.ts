import { existsSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../', import.meta.url);

/** What a file says, by its path from the top of the repository; nothing when there is no such file. */
function textOf(path: string): string | undefined {
  const file = new URL(path, ROOT);
  return path !== '' && existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** Whether a test or group has this title in this file: `test/http/audit.test.ts › a decision`. */
export function testExists(name: string): boolean {
  const [path = '', title = ''] = name.split(' › ');
  const text = path.endsWith('.test.ts') ? textOf(path)?.replaceAll(/\(\s+/g, '(') : undefined;
  return text !== undefined && ["'", '"', '`'].some((quote) => text.includes(`(${quote}${title}${quote},`));
}

/** Whether a document has this heading, written as its anchor: `src/auth/README.md#rules`. */
export function headingExists(name: string): boolean {
  const [path = '', anchor = ''] = name.split('#');
  const headings = textOf(path)?.match(/^#+ .+$/gm) ?? [];
  return headings.some((heading) => anchorOf(heading) === anchor);
}

/** As GitHub makes anchors: small letters, hyphens for spaces, no other marks. */
function anchorOf(heading: string): string {
  const words = heading.replace(/^#+ /, '').toLowerCase();
  return words.replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
}
