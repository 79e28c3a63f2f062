import { Buffer } from 'node:buffer';
import * as question from './questions.js';

// A deck is the requests of one kind, made before anything is measured and sent one after another, from the first again.

const BATCH = 100;
/** How many times each citizen is in a deck of single questions, each time between another pair of organisations. */
const TURNS = 3;
const JSON_TYPE = 'application/fhir+json';

const answersOf = ({ parameter }) => (parameter[0].name === 'result' ? parameter.map(({ part }) => part) : [parameter]);
const decisionOf = (part) => part.find(({ name }) => name === 'decision').valueCode;

/** Whether an answer says these decisions, in their order. */
function says(decisions) {
  return (body) => {
    const said = answersOf(body).map(decisionOf);
    return said.length === decisions.length && said.every((one, at) => one === decisions[at]);
  };
}

function request(path, body, token) {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Content-Type: ${JSON_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

/** Questions about every citizen in turn: `turn` gives which, between whom, and what is to be answered. */
function askedAt({ citizens, pairs, decisions }, turn) {
  const { bsn, kind } = citizens[turn % citizens.length];
  const pair = turn % pairs.length;
  return { bsn, pair: pairs[pair], decision: decisions[kind][pair] };
}

function checks(material, { path, token }) {
  return Array.from({ length: material.citizens.length * TURNS }, (_, turn) => {
    const { bsn, pair, decision } = askedAt(material, turn);
    return { bytes: request(path, JSON.stringify(question.check(bsn, pair)), token), expected: says([decision]) };
  });
}

function batches(material, { path, token }) {
  return Array.from({ length: Math.ceil(material.citizens.length / BATCH) * TURNS }, (_, at) => {
    const asked = Array.from({ length: BATCH }, (__, item) => askedAt(material, at * BATCH + item));
    const body = question.batch(asked.map(({ bsn, pair }) => question.check(bsn, pair)));
    const expected = says(asked.map(({ decision }) => decision));
    return { bytes: request(path, JSON.stringify(body), token), expected };
  });
}

/** The same questions for who only says them back. */
function echoes(material, wanted) {
  return checks(material, wanted).map(({ bytes }) => ({ bytes }));
}

const DECKS = { echo: echoes, check: checks, batch: batches };

/** All requests of a kind: `{ bytes, expected? }`, where `expected(body)` tells whether an answer is right. */
export function makeDeck(material, { deck, path, token }) {
  return DECKS[deck](material, { path, token });
}
