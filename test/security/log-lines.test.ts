import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { verdict } from '../http/answers.ts';
import { freshUra } from '../http/people.ts';
import { organization } from '../http/resources.ts';
import { useTestServer } from '../setup/test-server.ts';
import { answersIn, lines, overTheWire } from './raw-socket.ts';

const server = useTestServer();
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HOSTILE = [
  ['a line of its own', 'a\r\n{"level":"info","message":"forged"}'],
  ['a line feed', 'a\nb'],
  ['a line end of Unicode', 'a\u2028b\u2029c\u0085d'],
  ['colours', '\u001b[31ma\u001b[2J'],
  ['colours by one byte', 'a\u009b31mb'],
  ['a turn of direction', 'a\u202eb\u2066c'],
  ['a template', '{{7*7}} ${7*7} <%= 7*7 %>'],
  ['a formula', "=cmd|'/c calc'!A1"],
  ['a look-up', '${jndi:ldap://127.0.0.1/a}'],
] as const;

/** What the log of a server prints when it is told these texts. */
function printed(texts: readonly string[]): string {
  const script = `const { createLog } = await import('./src/log.ts');
    for (const text of JSON.parse(process.argv[1])) createLog('info').info(text, { detail: text });`;
  const words = ['--import', './test/setup/register-typescript.js', '--input-type=module', '-e', script];
  return spawnSync(process.execPath, [...words, JSON.stringify(texts)], { cwd: ROOT, encoding: 'utf8' }).stderr;
}

describe('a text in the log (case 58)', () => {
  it('is one line, whatever it is, that nothing obeys, and reads as it was', () => {
    const texts = HOSTILE.map(([, text]) => text);
    const output = printed(texts)
      .split('\n')
      .filter((line) => line.startsWith('{'));
    expect(output).toHaveLength(texts.length);
    expect(output.join('')).toMatch(/^[\u0020-\u007e]*$/);
    const said = output.map((line) => JSON.parse(line) as { message: string; detail: string });
    expect(said.map(({ message, detail }) => [message, detail])).toEqual(texts.map((text) => [text, text]));
  });
});

describe.each(HOSTILE)('%s', (_, text) => {
  /** Apart from the notifications that the sandbox sends itself meanwhile. */
  const linesSince = (count: number) =>
    server()
      .logged.slice(count)
      .filter((line) => !line.includes('"204"'));

  it('in a header makes one line of the log, without it, and one answer, or is refused by the parser', async () => {
    for (const name of ['User-Agent', 'X-Request-Id', 'Referer', 'X-Forwarded-For']) {
      const before = server().logged.length;
      const bytes = Buffer.from(
        lines('GET /fhir/metadata HTTP/1.1', 'Host: x', `${name}: ${text}`, 'Connection: close', ''),
      );
      const [answer, ...more] = answersIn(await overTheWire(server().baseUrl, bytes));
      expect(more).toEqual([]);
      const logged = linesSince(before);
      expect([answer?.status, logged.length]).toEqual(answer?.status === 200 ? [200, 1] : [400, 0]);
      expect(`${logged.join('')}${answer?.head ?? ''}`).not.toMatch(/forged|31m|7\*7|cmd|jndi|\u2028/);
    }
  });

  it('in a name, or in a search for it, makes one line each, without it', async () => {
    const body = organization(freshUra(), { name: `x${text}` });
    const before = server().logged.length;
    const made = await server().fhir('/Organization', { as: 'admin', body });
    expect(['201', '400 json-character']).toContain(verdict(made));
    await server().fhir(`/Organization?name=${encodeURIComponent(text)}`, { as: 'gp' });
    const logged = linesSince(before);
    expect(logged).toHaveLength(2);
    expect(logged.join('')).not.toMatch(/forged|31m|7\*7|cmd|jndi|\u2028/);
  });
});
