import { decide } from '../../dist/decision/decide.js';
import { readProfile } from '../../dist/decision/stored-rule.js';
import { MOMENT, templatesByKind } from './templates.js';

/** Holders and requesters that may ask each other: every pair of different organisations that makes a question. */
export function pairsBetween(catalogue, organizations) {
  const typed = organizations.map(({ ura, types: [type] }) => ({ ura, type }));
  return typed
    .filter(({ type }) => catalogue.organisationTypes.get(type).holderCategory !== undefined)
    .flatMap((holder) => typed.filter((one) => one !== holder).map((requester) => ({ holder, requester })))
    .map(({ holder, requester }) => ({ uras: [holder.ura, requester.ura], holder, requester }));
}

/** What is to be answered: by the kind of the citizen, for each of these pairs, by the function that decides everything. */
export function decideAll(catalogue, templates, pairs) {
  const at = Date.parse(MOMENT);
  return templatesByKind(templates).map((own) => {
    const profile = readProfile(own.map(({ rule }, index) => ({ source: `template ${index}`, recordedAt: at, rule })));
    return pairs.map(({ holder, requester }) => {
      const question = { holder, requester, purpose: 'TREAT', at: Date.now() };
      return decide(catalogue, question, profile).decision;
    });
  });
}
