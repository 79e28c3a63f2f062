import { Buffer } from 'node:buffer';
import * as question from './questions.js';

// A deck is the requests of one kind, made before anything is measured and sent one after another, from the first again.

const BATCH = 100;
/** How many times each citizen is in a deck of single questions, each time between another pair of organisations. */
const TURNS = 3;
/** One citizen in so many chooses; the others' answers stay as they were filled. */
const ONE_CHOOSES = 10;
/** The organisation that is subscribed for everyone who can be asked about. */
const GP = '00000659';
const JSON_TYPE = 'application/fhir+json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
/** Of a hundred requests. */
const MIX = { check: 90, batch: 4, locate: 3, search: 2, choose: 1 };

const answersOf = ({ parameter }) => (parameter[0].name === 'result' ? parameter.map(({ part }) => part) : [parameter]);
const decisionOf = (part) => part.find(({ name }) => name === 'decision').valueCode;

/** Whether an answer says these decisions, in their order. */
function says(decisions) {
  return (body) => {
    const said = answersOf(body).map(decisionOf);
    return said.length === decisions.length && said.every((one, at) => one === decisions[at]);
  };
}

function post({ path, token, type = JSON_TYPE }, body) {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Content-Type: ${type}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

const choosers = ({ citizens }) => citizens.filter((_, at) => at % ONE_CHOOSES === 0);
const others = ({ citizens }) => citizens.filter((_, at) => at % ONE_CHOOSES !== 0);

/** Questions about the others in turn: about whom, between whom, and what is to be answered. */
function askings(material) {
  const { pairs, decisions } = material;
  const citizens = others(material);
  return Array.from({ length: citizens.length * TURNS }, (_, turn) => {
    const { bsn, kind } = citizens[turn % citizens.length];
    const pair = turn % pairs.length;
    return { bsn, pair: pairs[pair], decision: decisions[kind][pair] };
  });
}

function checks(material, way) {
  return askings(material).map(({ bsn, pair, decision }) => {
    return { bytes: post(way, JSON.stringify(question.check(bsn, pair))), expected: says([decision]) };
  });
}

function batches(material, way) {
  const all = askings(material);
  const asked = (start) => Array.from({ length: BATCH }, (_, at) => all[(start + at) % all.length]);
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, at) => asked(at * BATCH)).map((some) => {
    const body = question.batch(some.map(({ bsn, pair }) => question.check(bsn, pair)));
    return { bytes: post(way, JSON.stringify(body)), expected: says(some.map(({ decision }) => decision)) };
  });
}

function locates(material, way) {
  const asked = askings(material).slice(0, others(material).length);
  return asked.map(({ bsn, pair }) => ({ bytes: post(way, JSON.stringify(question.locate(bsn, pair[1]))) }));
}

function searches(material, way) {
  return others(material).map(({ bsn }) => ({ bytes: post({ ...way, type: FORM_TYPE }, question.search(bsn)) }));
}

/** Each citizen says another thing than the time before. */
function choices(material, way) {
  const chosen = (decision) => choosers(material).map(({ bsn }) => question.choose(bsn, GP, decision));
  return [...chosen('permit'), ...chosen('deny')].map((body) => ({ bytes: post(way, JSON.stringify(body)) }));
}

/** The same questions for who only says them back. */
function echoes(material, way) {
  return checks(material, way).map(({ bytes }) => ({ bytes }));
}

/** A hundred requests of each hundred as `MIX` says, in an order of chance that is the same in every run. */
function mixed(material, ways) {
  const decks = Object.keys(MIX).map((kind) => ({
    requests: makeDeck(material, ways[kind]),
    share: MIX[kind],
    turn: 0,
  }));
  const round = decks.flatMap((deck) => Array.from({ length: deck.share }, () => deck));
  // 37 and 100 have no divisor in common, so that every place comes up once.
  const order = round.map((_, at) => round[(at * 37) % round.length]);
  return Array.from({ length: others(material).length * TURNS }, (_, at) => {
    const deck = order[at % order.length];
    deck.turn += 1;
    return deck.requests[deck.turn % deck.requests.length];
  });
}

const DECKS = { echo: echoes, check: checks, batch: batches, locate: locates, search: searches, choose: choices };

/** All requests of a kind: `{ bytes, expected? }`, where `expected(body)` tells whether an answer is right. */
export function makeDeck(material, { deck, ...way }) {
  return deck === 'mixed' ? mixed(material, way) : DECKS[deck](material, way);
}
