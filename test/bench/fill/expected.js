import { decide } from '../../../dist/decision/decide.js';
import { readProfile } from '../../../dist/decision/stored-rule.js';
import { MOMENT, rulesByKind } from './templates.js';

/** So many pairs of those who were made up, beside the pairs of those whom citizens speak of by name. */
const MADE_UP = 60;

/** Holders and requesters that may ask each other: those of the sandbox, each with each, and made-up ones of every type. */
export function pairsBetween(catalogue, sandbox, made) {
  const named = sandbox.map(({ ura, types: [type] }) => ({ ura, type }));
  const inCare = ({ type }) => catalogue.organisationTypes.get(type).holderCategory !== undefined;
  const each = named.flatMap((holder) => named.map((requester) => ({ holder, requester })));
  const far = made.filter(inCare).slice(0, MADE_UP);
  const spread = far.map((holder, at) => ({ holder, requester: made[(at * 31 + 7) % made.length] }));
  return [...each, ...spread].filter(({ holder, requester }) => inCare(holder) && holder.ura !== requester.ura);
}

/** What is to be answered: by the kind of the citizen, for each of these pairs, by the function that decides everything. */
export function decideAll(catalogue, templates, pairs) {
  const at = Date.parse(MOMENT);
  return rulesByKind(templates).map((rules) => {
    const profile = readProfile(rules.map((rule, index) => ({ source: `template ${index}`, recordedAt: at, rule })));
    return pairs.map(({ holder, requester }) => {
      const question = { holder, requester, purpose: 'TREAT', at: Date.now() };
      return decide(catalogue, question, profile).decision;
    });
  });
}
