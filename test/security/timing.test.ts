import { Agent, request } from 'node:http';
import { freshBsn } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { patient } from '../http/resources.ts';
import { tokenIn } from '../start/ask.ts';
import { useOwnProcess } from '../start/own-process.ts';

/** Questions about each of the two; `npm run test:timing` asks five thousand. */
const ROUNDS = Number(process.env['TIMING_ROUNDS'] ?? 1_000);
/** The difference of medians that is allowed, in milliseconds. */
const MOST = 1;

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
// Nothing of the test's runs between a question and its answer.
const own = useOwnProcess();

afterAll(() => agent.destroy());

/** Sends one; how long until the answer was there, in milliseconds. */
async function timed(path: string, token: string, body: string, status: number): Promise<number> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' };
  const start = process.hrtime.bigint();
  const sent = request(`${own().server.baseUrl}/fhir/${path}`, { agent, method: 'POST', headers });
  sent.end(body);
  await new Promise<void>((resolve, reject) => {
    sent.on('error', reject).on('response', (response) => {
      expect(response.statusCode).toBe(status);
      response.resume().on('end', resolve);
    });
  });
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function medianOf(times: readonly number[]): number {
  return [...times].sort((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0;
}

describe('a BSN that nobody knows', () => {
  it('is answered as fast as one that is known and chose nothing', async () => {
    const [known, unknown] = [freshBsn(), freshBsn()];
    await timed('Patient', await tokenIn(own().dataDir, `citizen:${known}`), JSON.stringify(patient(known)), 201);
    const token = await tokenIn(own().dataDir, 'gp');
    const bodies = [known, unknown].map((bsn) => JSON.stringify(question(bsn)));
    const times: [number[], number[]] = [[], []];
    // In turns, and who is first by turns: what the machine does meanwhile is the same for both.
    for (let round = -200; round < ROUNDS; round += 1) {
      for (const turn of [0, 1]) {
        const which = (round + turn) % 2 === 0 ? 0 : 1;
        const time = await timed('Consent/$check', token, bodies[which] ?? '', 200);
        if (round >= 0) times[which].push(time);
      }
    }
    const [one, other] = [medianOf(times[0]), medianOf(times[1])];
    console.log(`2 × ${ROUNDS} questions: median known ${one.toFixed(3)} ms, unknown ${other.toFixed(3)} ms`);
    expect(Math.abs(one - other)).toBeLessThan(MOST);
  }, 600_000);
});
