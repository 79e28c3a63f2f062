import type { AskingError } from '../decision/decision.ts';
import type { Party } from '../decision/question.ts';
import { type Problem, problem } from '../problem.ts';
import type { Knowledge } from './knowledge.ts';

/**
 * The party as the registry knows it: for a registered organisation its registered types count, whatever the request says.
 * @throws Problem invalid when the request contradicts the registry or leaves the type open
 */
export function partyOf(
  knowledge: Knowledge,
  asked: { readonly ura: string; readonly type?: string },
  name: 'holder' | 'requester',
): Party {
  const registered = knowledge.typesOf(asked.ura);
  const type = asked.type ?? (registered?.length === 1 ? registered[0] : undefined);
  if (type === undefined) {
    throw problem('invalid', 'type-required', `${name}Type is required for this organisation.`, `${name}Type`);
  }
  if (registered !== undefined && !registered.includes(type)) {
    const text = `${name}Type is not a type that this organisation is registered with.`;
    throw problem('invalid', 'type-contradicts-registry', text, `${name}Type`);
  }
  return { ura: asked.ura, type };
}

const ASKING_TEXT: Readonly<Record<AskingError, readonly [text: string, parameter: string]>> = {
  'unknown-holder-type': ['holderType is not in the catalogue.', 'holderType'],
  'unknown-requester-type': ['requesterType is not in the catalogue.', 'requesterType'],
  'unknown-data-category': ['dataCategory is not in the catalogue.', 'dataCategory'],
  'holder-not-in-care': ['An organisation of this type holds no patient records in this register.', 'holderType'],
};

/** Why a question cannot be asked, for the caller. */
export function askingProblem(error: AskingError): Problem {
  const [text, parameter] = ASKING_TEXT[error];
  return problem('invalid', error, text, parameter);
}
