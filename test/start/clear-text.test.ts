import { exposedDatabases } from '../../src/clear-text.ts';

const AKKOORD = 'postgres://akkoord:secret@';

describe('the start warns of', () => {
  it.each([
    ['a database across a network in the clear', `${AKKOORD}database.example/akkoord`],
    ['a database whose certificate is not looked at', `${AKKOORD}database.example/akkoord?sslmode=prefer`],
    ['a database that is another than it looks', `${AKKOORD}127.0.0.1/akkoord?host=database.example`],
  ])('%s', (_, databaseUrl) => {
    const [sentence = '', ...others] = exposedDatabases({ databaseUrl });
    expect([sentence, others]).toEqual([expect.stringMatching(/^DATABASE_URL should say sslmode=verify-full/), []]);
    expect(sentence).not.toContain('secret');
  });

  it('the owner of the database across a network in the clear', () => {
    const databases = {
      databaseUrl: `${AKKOORD}database.example/akkoord?sslmode=verify-full`,
      databaseOwnerUrl: `${AKKOORD}database.example/akkoord`,
    };
    expect(exposedDatabases(databases)).toEqual([expect.stringMatching(/^DATABASE_OWNER_URL should say /)]);
  });
});

it.each([
  `${AKKOORD}127.0.0.1/akkoord`,
  `${AKKOORD}[::1]/akkoord`,
  `${AKKOORD}localhost/akkoord?host=/var/run/postgresql`,
  `${AKKOORD}%2Fvar%2Frun%2Fpostgresql/akkoord`,
  'postgres:///akkoord',
  `${AKKOORD}database.example/akkoord?sslmode=verify-full`,
  `${AKKOORD}database.example/akkoord?sslmode=disable`,
])('and of no way that nobody can listen in on, or that somebody stands for: %s', (databaseUrl) => {
  expect(exposedDatabases({ databaseUrl })).toEqual([]);
});
