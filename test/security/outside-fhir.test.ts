import { rawRequest } from '../http/raw-request.ts';
import { useTestServer } from '../setup/test-server.ts';

const server = useTestServer();
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

describe('what cannot be read outside of /fhir', () => {
  it.each([
    ['an address that cannot be decoded', 400, '/sandbox/digid/interaction/%ff', {}],
    ['the same elsewhere', 400, '/sandbox/notifications/%ff', {}],
    ['an address of nothing that cannot be decoded', 404, '/%ff', {}],
    ['a form that is too large', 413, '/sandbox/digid/interaction/x', { body: 'a'.repeat(5000) }],
    [
      'a form in other characters',
      415,
      '/email/confirm',
      { body: 'code=a', headers: { 'Content-Type': 'text/plain' } },
    ],
  ] as const)('is the fault of its sender: %s (%d)', async (_what, status, path, call) => {
    const sent = 'body' in call ? { method: 'POST', headers: FORM, ...call } : call;
    expect((await rawRequest(server().baseUrl, path, sent)).status).toBe(status);
    expect(server().logged.filter((line) => line.includes('request failed'))).toEqual([]);
  });
});

describe('the method TRACE', () => {
  it.each(['/', '/fhir/metadata', '/fhir/Consent/$check', '/metrics', '/health/live', '/email/confirm', '/session'])(
    'is not taken at %s, and nothing of the request comes back',
    async (path) => {
      const answer = await rawRequest(server().baseUrl, path, { method: 'TRACE', headers: { 'X-Canary': 'canary' } });
      expect([404, 405]).toContain(answer.status);
      expect(answer.text).not.toContain('canary');
    },
  );
});
