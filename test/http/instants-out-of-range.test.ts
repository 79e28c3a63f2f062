import { useTestServer } from '../setup/test-server.ts';
import { verdict } from './answers.ts';
import { KARIM } from './people.ts';
import { question } from './questions.ts';

const server = useTestServer();
/** Real on some clock of the earth, but of the year 10000 or 0 in UTC. */
const BEYOND = ['9999-12-31T23:59:59-14:00', '0001-01-01T00:00:00+14:00'];
const LAST = '9999-12-31T23:59:59Z';
const FIRST = '0001-01-01T00:00:00Z';

describe('an instant beyond the years that can be written', () => {
  it.each(BEYOND)('is no moment of a $check: %s', async (valueInstant) => {
    for (const name of ['at', 'knownAt']) {
      const body = question(KARIM, { [name]: valueInstant });
      const answer = await server().fhir('/Consent/$check', { as: 'auditor', body });
      expect(answer.status).toBe(400);
    }
  });

  it.each([
    ['Organization/_history?_since=', 'gp'],
    ['Organization?_lastUpdated=gt', 'gp'],
    ['AuditEvent?date=lt', 'auditor'],
    ['Consent?date=eq', `citizen:${KARIM}`],
  ])('is no date of a search: %s', async (path, as) => {
    for (const text of BEYOND) {
      const answer = await server().fhir(`/${path}${encodeURIComponent(text)}`, { as });
      expect(verdict(answer)).toBe('400 search-value-malformed');
    }
    for (const text of [FIRST, LAST, '9999', '9999-12-31', '0001']) {
      if (path.includes('_since') && !text.includes('T')) continue;
      expect((await server().fhir(`/${path}${text}`, { as })).status).toBe(200);
    }
  });

  it('is another than the last and the first one', async () => {
    for (const knownAt of [LAST, FIRST]) {
      const body = question(KARIM, { knownAt, holderType: 'Z3', requesterType: 'J8' });
      expect((await server().fhir('/Consent/$check', { as: 'auditor', body })).status).toBe(200);
    }
  });
});
