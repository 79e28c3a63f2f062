import { readdirSync, readFileSync } from 'node:fs';

const SRC = new URL('../../src/', import.meta.url);
const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

/** What in the sources looks like this: its first group, or all of it, and the file. */
function found(pattern: RegExp): { readonly file: string; readonly text: string }[] {
  return FILES.flatMap((file) => {
    const matches = readFileSync(new URL(file, SRC), 'utf8').matchAll(pattern);
    return [...matches].map(([text, group]) => ({ file, text: group ?? text }));
  });
}

const filesWith = (pattern: RegExp) => [...new Set(found(pattern).map(({ file }) => file))];
const textsOf = (pattern: RegExp) => [...new Set(found(pattern).map(({ text }) => text))].sort();

describe('the server, by its sources,', () => {
  it('makes no code at run time', () => {
    expect(filesWith(/\beval\(|\bFunction\(|['"](?:node:)?vm['"]|\bimport\([^'"]/g)).toEqual([]);
  });

  it('draws what must not be guessed from the generator of the system', () => {
    // How long to wait may be guessed.
    expect(filesWith(/\bMath\.random\b/g)).toEqual(['notifications/delivery-limits.ts']);
    expect(filesWith(/\brandomBytes\(/g)).not.toEqual([]);
  });

  it('hashes, signs and encrypts with what SECURITY.md lists, and nothing else', () => {
    expect(textsOf(/\bcreateHash\('([^']+)'/g)).toEqual(['sha256']);
    expect(textsOf(/\bcreateHmac\('([^']+)'/g)).toEqual(['sha256']);
    expect(textsOf(/\bcreate(?:De|C)ipheriv\('([^']+)'/g)).toEqual(['aes-256-gcm']);
    expect(textsOf(/\b((?:HS|RS|ES|PS)(?:256|384|512)|EdDSA)\b/g)).toEqual(['ES256', 'ES384', 'RS384']);
  });

  it('starts no program but PostgreSQL, and that without a shell', () => {
    expect(filesWith(/['"](?:node:)?child_process['"]/g).sort()).toEqual([
      'storage/embedded.ts',
      'storage/initialise-cluster.ts',
      'storage/postgres-account.ts',
      'storage/postgres-process.ts',
    ]);
    expect(filesWith(/\bexec(?:Sync)?\(\s*['"`]|shell: true/g)).toEqual([]);
  });

  it('believes no proxy but those that are named, and looks at every certificate', () => {
    expect(textsOf(/proxyaddr\.compile\(([^)]+)\)/g)).toEqual(['[...trustedProxies]']);
    expect(filesWith(/'trust proxy'/g)).toEqual([]);
    expect(filesWith(/rejectUnauthorized: false|insecureHTTPParser: true/g)).toEqual([]);
  });

  it('would be found out: what is looked for is found where it is', () => {
    expect(filesWith(/\bcreateHmac\(/g)).toContain('consent/bsn-vault.ts');
  });
});
