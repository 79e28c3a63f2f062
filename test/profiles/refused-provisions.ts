import { type Refused, consent, grant, provisionWith, grantWith, answers, permit, HOURS_72 } from './change-consent.ts';
import { actor, holderCategory, requesterCategory, ura } from './sample-consents.ts';

const manyRequesters = (count: number, first: number) =>
  Array.from({ length: count }, (_, index) => actor('IRCP', ura(String(90_020_000 + first + index))));

export const refusedProvisions: Refused[] = [
  ['a base rule that permits', provisionWith({ type: 'permit' }), ['akk-con-13 Consent.provision']],
  ['a base rule without type', provisionWith({ type: undefined }), ['akk-con-13 Consent.provision']],
  [
    'another purpose',
    provisionWith({ purpose: [{ ...consent.provision.purpose[0], code: 'HMARKT' }] }),
    ['akk-con-13 Consent.provision'],
  ],
  [
    'two purposes',
    provisionWith({ purpose: [...consent.provision.purpose, { ...consent.provision.purpose[0], code: 'COC' }] }),
    ['akk-con-13 Consent.provision'],
  ],
  ['an action', provisionWith({ action: [{ text: 'x' }] }), ['akk-con-13 Consent.provision']],
  ['a security label on the rule', provisionWith({ securityLabel: [{ code: 'R' }] }), ['akk-con-13 Consent.provision']],
  ['a period of the data', provisionWith({ dataPeriod: { start: '2026' } }), ['akk-con-13 Consent.provision']],
  ['no holder', provisionWith({ actor: undefined }), ['akk-con-14 Consent.provision']],
  [
    'two holders',
    provisionWith({ actor: [actor('CST', holderCategory('HA')), actor('CST', holderCategory('APO'))] }),
    ['akk-con-14 Consent.provision'],
  ],
  [
    'a period without an emergency',
    provisionWith({ period: grant.provision.period }),
    ['akk-con-15 Consent.provision'],
  ],
  ['an emergency without a period', grantWith({ period: undefined }), ['akk-con-15 Consent.provision']],
  [
    'a requester place with both a yes and a no',
    answers(permit(requesterCategory('RPZAC005')), { ...permit(requesterCategory('RPZAC005')), type: 'deny' }),
    ['akk-con-16 Consent.provision'],
  ],
  [
    'a requester organisation with a yes twice',
    answers(permit(ura('00014332'), ura('00014332'))),
    ['akk-con-16 Consent.provision'],
  ],
  [
    'an emergency grant to a category',
    grantWith({ provision: [permit(requesterCategory('RPZAC001'))] }),
    ['akk-con-17 Consent.provision'],
  ],
  [
    'an emergency grant to two organisations',
    grantWith({ provision: [permit(ura('00000666'), ura('00005098'))] }),
    ['akk-con-17 Consent.provision'],
  ],
  [
    'an emergency refusal',
    grantWith({ provision: [{ ...permit(ura('00000666')), type: 'deny' }] }),
    ['akk-con-17 Consent.provision'],
  ],
  ['an emergency grant to nobody', grantWith({ provision: undefined }), ['akk-con-17 Consent.provision']],
  [
    'an emergency grant for a holder category',
    grantWith({ actor: [actor('CST', holderCategory('HA'))] }),
    ['akk-con-18 Consent.provision'],
  ],
  [
    'an emergency grant for a holder twice',
    grantWith({ actor: [actor('CST', ura('00000659')), actor('CST', ura('00000659'))] }),
    ['akk-con-18 Consent.provision'],
  ],
  [
    '72 hours and a millisecond',
    grantWith({ period: { ...HOURS_72, end: '2026-03-31T11:00:00.001+02:00' } }),
    ['akk-con-19 Consent.provision.period'],
  ],
  [
    '72 hours by the clock on the wall across summer time',
    grantWith({ period: { ...HOURS_72, end: '2026-03-31T10:00:00+02:00' } }),
    ['akk-con-19 Consent.provision.period'],
  ],
  [
    'a period of days',
    grantWith({ period: { start: '2026-03-01', end: '2026-03-04' } }),
    ['akk-con-19 Consent.provision.period'],
  ],
  [
    'a period without end',
    grantWith({ period: { start: '2026-03-01T10:00:00Z' } }),
    ['akk-con-19 Consent.provision.period'],
  ],
  [
    'a holder in the role of a requester',
    provisionWith({ actor: [actor('IRCP', holderCategory('HA'))] }),
    ['akk-con-20 Consent.provision.actor'],
  ],
  [
    'a requester category as holder',
    provisionWith({ actor: [actor('CST', requesterCategory('RPZAC001'))] }),
    ['akk-con-21 Consent.provision.actor.reference'],
  ],
  [
    'a holder that is an organisation and a category',
    provisionWith({ actor: [actor('CST', { reference: 'Organization/a', ...holderCategory('HA') })] }),
    ['akk-con-21 Consent.provision.actor.reference'],
  ],
  [
    'a person as holder',
    provisionWith({ actor: [actor('CST', { reference: 'Practitioner/a' })] }),
    ['akk-con-21 Consent.provision.actor.reference'],
  ],
  [
    'more requester places than anyone needs',
    answers(...[0, 1].map((half) => ({ type: 'permit', actor: manyRequesters(51, half * 51) }))),
    ['akk-con-25 Consent.provision'],
  ],
  [
    'an answer without type',
    answers({ ...permit(ura('00014332')), type: undefined }),
    ['akk-con-22 Consent.provision.provision'],
  ],
  ['an answer for nobody', answers({ type: 'permit' }), ['akk-con-22 Consent.provision.provision']],
  [
    'an answer with a period',
    answers({ ...permit(ura('00014332')), period: { start: '2026' } }),
    ['akk-con-22 Consent.provision.provision'],
  ],
  [
    'an answer with a purpose',
    answers({ ...permit(ura('00014332')), purpose: consent.provision.purpose }),
    ['akk-con-22 Consent.provision.provision'],
  ],
  [
    'an answer inside an answer',
    answers({ ...permit(ura('00014332')), provision: [permit(ura('00005098'))] }),
    ['akk-con-22 Consent.provision.provision'],
  ],
  [
    'a requester in the role of a holder',
    answers({ type: 'permit', actor: [actor('CST', ura('00014332'))] }),
    ['akk-con-23 Consent.provision.provision.actor'],
  ],
  [
    'a holder category as requester',
    answers(permit(holderCategory('APO'))),
    ['akk-con-24 Consent.provision.provision.actor.reference'],
  ],
  [
    'a requester that is an organisation and a category',
    answers(permit({ reference: 'Organization/a', ...requesterCategory('RPZAC005') })),
    ['akk-con-24 Consent.provision.provision.actor.reference'],
  ],
];
