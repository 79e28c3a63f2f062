import process from 'node:process';
import express from 'express';
import { compose } from '../../../dist/compose.js';
import { readConfig } from '../../../dist/config.js';
import { check } from '../../../dist/consent/check.js';
import { writeCheck } from '../../../dist/fhir/check-answer.js';
import { readCheck } from '../../../dist/fhir/check-parameters.js';
import { operationOutcome } from '../../../dist/fhir/outcome.js';
import { openStack } from '../../../dist/http/app.js';
import { fhirHandler } from '../../../dist/http/fhir-handler.js';
import { addressLimit } from '../../../dist/http/rate-limits.js';
import { createRoutes } from '../../../dist/http/routes.js';

// The same $check with less around it, to show what is around it costs: below /untold the whole door but nobody's token
// is verified, at /bare neither door nor token. The caller is given.
const CALLER = { role: 'exchange', clientId: 'exchange', scopes: new Set(['akkoord/consent.check']) };
const say = (text, detail) => process.stderr.write(`${text} ${JSON.stringify(detail ?? {})}\n`);
const log = { error: say, warn: say, info: () => undefined, debug: () => undefined };

const config = readConfig();
const { register } = await compose(config, log);
const baseUrl = `${config.baseUrl}/fhir`;
const server = { register, routes: createRoutes(register, baseUrl), baseUrl, limits: config.door };

const bare = express();
bare.post('/bare', express.json({ type: () => true }), async (request, response) => {
  const call = readCheck(register.catalogue, request.body);
  const results = await check(register, { caller: CALLER, requestId: 'bench' }, call.items);
  response.json(writeCheck(call, results, { reasons: true, outcomeOf: operationOutcome }));
});
const parts = {
  log,
  health: { isReady: () => Promise.resolve(true) },
  outermost: (listener) => listener,
  limits: [addressLimit(config.door.rates.address, [], () => undefined)],
  fhir: fhirHandler(server, () => Promise.resolve(CALLER)),
  email: express.Router(),
  session: express.Router(),
};
bare.use(openStack(parts).listener);
bare.listen(config.port, config.host, () => process.send('ready'));
