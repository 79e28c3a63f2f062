import { busy } from './lanes.ts';
import { pathOf, type Step } from './step.ts';

const QUESTION = '/fhir/Consent/$check';

/**
 * Refuses a question when so many are in hand already, before anything is read of it: to refuse has to cost so little that there is
 * time left to answer the others.
 */
export function limitQuestions(most: number, onRefused: (requestId: string) => void): Step {
  let inHand = 0;
  return (request, response) => {
    if (pathOf(request) !== QUESTION) return;
    if (inHand >= most) {
      onRefused(String(response.locals['requestId']));
      throw busy();
    }
    inHand += 1;
    response.once('close', () => (inHand -= 1));
  };
}
