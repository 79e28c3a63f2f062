import { useTestServer } from '../setup/test-server.ts';
import { freshUra } from '../http/people.ts';
import type { Kept } from './holders.ts';

const server = useTestServer();

const send = (ura: string, body: string) =>
  server().ask(`/sandbox/notifications/${ura}`, { method: 'POST', body, headers: { 'webhook-id': 'a' } });

async function kept(ura: string): Promise<readonly Kept[]> {
  const { status, body } = await server().ask<Kept[]>(`/sandbox/notifications/${ura}`);
  expect(status).toBe(200);
  return body;
}

describe('the receiver of the sandbox', () => {
  it('keeps the last hundred of an organisation, newest first, and nothing for another', async () => {
    const ura = freshUra();
    for (let turn = 1; turn <= 102; turn += 1) expect((await send(ura, JSON.stringify({ turn }))).status).toBe(204);
    const turns = (await kept(ura)).map(({ body }) => (body as unknown as { turn: number }).turn);
    expect(turns).toEqual(Array.from({ length: 100 }, (_, index) => 102 - index));
    expect(await kept(freshUra())).toEqual([]);
  });

  it('keeps the headers of the signature with the body', async () => {
    const ura = freshUra();
    await send(ura, 'no JSON');
    expect(await kept(ura)).toMatchObject([{ headers: { 'webhook-id': 'a' }, body: 'no JSON' }]);
  });

  it.each([
    ['is larger than 64 kB', () => freshUra(), 'x'.repeat(65_537), 413],
    ['is for no organisation number', () => 'gp', '{}', 404],
  ])('refuses what %s', async (_what, uraOf, body, status) => {
    const ura = uraOf();
    expect((await send(ura, body)).status).toBe(status);
    expect(await kept(ura)).toEqual([]);
  });
});
