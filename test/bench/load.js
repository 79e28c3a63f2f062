import { performance } from 'node:perf_hooks';
import process from 'node:process';
import autocannon from 'autocannon';
import { questionAbout } from './questions.js';
import { percentile } from './report.js';

// Makes the load, in a process of its own. Orders come as messages, one at a time.

let bsns = [];
let turn = 0;

/** Each request asks about another citizen. */
function nextQuestion(request) {
  turn += 1;
  return { ...request, body: questionAbout(bsns[turn % bsns.length], turn) };
}

async function load({ url, token, connections, seconds }) {
  const times = [];
  let refused = 0;
  const headers = {
    'content-type': 'application/fhir+json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const requests = [{ method: 'POST', headers, setupRequest: nextQuestion }];
  const running = autocannon({ url, connections, duration: seconds, requests });
  const start = performance.now();
  let last = start;
  // The library rounds to whole milliseconds, which is too coarse here.
  running.on('response', (_client, status, _bytes, milliseconds) => {
    times.push(milliseconds);
    last = performance.now();
    if (status !== 200) refused += 1;
  });
  const { errors, timeouts } = await running;
  times.sort((one, other) => one - other);
  return {
    requestsPerSecond: Math.round((times.length / (last - start)) * 1000),
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    errors: errors + timeouts + refused,
  };
}

process.on('message', (message) => {
  if (message.bsns !== undefined) {
    bsns = message.bsns;
    return;
  }
  load(message.order).then(
    (result) => process.send({ result }),
    (error) => process.send({ failure: String(error) }),
  );
});
