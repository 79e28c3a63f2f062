import { randomUUID } from 'node:crypto';
import type { Agent } from 'node:http';
import { BsnVault } from '../../src/consent/bsn-vault.ts';
import { openSandboxKeys } from '../../src/sandbox/keys.ts';
import { patient, tokenIn } from '../start/ask.ts';
import type { OwnPostgres } from './own-postgres.ts';
import type { OwnServer } from './own-server.ts';
import { headersOf, parameters, post, type Posted } from './post.ts';

interface Citizen {
  readonly bsn: string;
  readonly patientKey: Buffer;
  readonly headers: Record<string, string>;
  /** How many choices were acknowledged: the next one says yes to all when even, else no. */
  acknowledged: number;
  /** The key of the choice that waits for its answer, the same until one comes. */
  key: string;
}

const KEPT = `
  select (select count(*) from audit_event where patient_key = $1 and interaction = 'Consent.choose'
      and outcome = '0' and detail ->> 'replayed' is null)::integer as effects,
    (select count(*) from consent_history where patient_key = $1)::integer as history,
    (select count(*) from consent where patient_key = $1)::integer as consents,
    (select coalesce(min(version), 0) from consent where patient_key = $1) as least,
    (select coalesce(max(version), 0) from consent where patient_key = $1) as most`;

type Kept = Readonly<Record<'effects' | 'history' | 'consents' | 'least' | 'most', number>>;

/**
 * Citizens who say yes to all and no to all in turn, each choice under a key, and again under that key until it is answered: so that
 * the number of acknowledged choices is the number of effects, and the version of every Consent.
 */
export class KeyedChoices {
  acknowledged = 0;
  /** Requests without an answer, or refused for now. */
  unknown = 0;
  /** Those of them without an answer. */
  unanswered = 0;
  readonly #citizens: readonly Citizen[];

  private constructor(citizens: readonly Citizen[]) {
    this.#citizens = citizens;
  }

  static async of(bsns: readonly string[], dataDir: string): Promise<KeyedChoices> {
    const keys = await openSandboxKeys(dataDir);
    const vault = new BsnVault(keys.bsnHashKey, keys.bsnCipherKey);
    const citizens = bsns.map(async (bsn) => {
      const headers = headersOf(await tokenIn(dataDir, `citizen:${bsn}`));
      return { bsn, patientKey: vault.keyOf(bsn), headers, acknowledged: 0, key: randomUUID() };
    });
    return new KeyedChoices(await Promise.all(citizens));
  }

  get count(): number {
    return this.#citizens.length;
  }

  /**
   * Makes the choice of a citizen, or asks again for the one that was not answered.
   * @returns whether the server answers at all. @throws Error for an answer that is wrong
   */
  async choose({ baseUrl }: Pick<OwnServer, 'baseUrl'>, agent: Agent, index: number): Promise<boolean> {
    const citizen = this.#at(index);
    const answer = await send(baseUrl, agent, citizen, citizen.key);
    if (answer === undefined || answer.status === 503) {
      this.unknown += 1;
      if (answer === undefined) this.unanswered += 1;
      return false;
    }
    // The first request with this key may still be under way in the database, though its server is gone.
    if (answer.status === 409) return true;
    if (answer.status !== 200) throw new Error(`a choice was answered with ${answer.status}`);
    citizen.acknowledged += 1;
    citizen.key = randomUUID();
    this.acknowledged += 1;
    return true;
  }

  /** Makes the choice of a citizen as one whose caller hears nothing and forgets its key. */
  async chooseUnheard({ baseUrl }: Pick<OwnServer, 'baseUrl'>, agent: Agent, index: number): Promise<void> {
    await send(baseUrl, agent, this.#at(index), randomUUID());
    this.unknown += 1;
  }

  /** What is wrong in the register with what was acknowledged, when nothing waits for an answer. */
  async faults(postgres: OwnPostgres): Promise<string[]> {
    const faults = await Promise.all(this.#citizens.map((citizen) => faultsOf(postgres, citizen)));
    return faults.flat();
  }

  #at(index: number): Citizen {
    const citizen = this.#citizens[index % this.#citizens.length];
    if (citizen === undefined) throw new Error('nobody chooses');
    return citizen;
  }
}

function send(baseUrl: string, agent: Agent, citizen: Citizen, key: string): Promise<Posted | undefined> {
  const option = { name: 'option', valueCode: citizen.acknowledged % 2 === 0 ? 'all' : 'none' };
  const headers = { ...citizen.headers, 'Idempotency-Key': `"${key}"` };
  return post(agent, `${baseUrl}/fhir/Consent/$choose`, headers, parameters(patient(citizen.bsn), option));
}

async function faultsOf(postgres: OwnPostgres, { patientKey, acknowledged }: Citizen): Promise<string[]> {
  const [kept] = await postgres.query<Kept>(KEPT, [patientKey]);
  if (kept === undefined) return ['nothing is kept'];
  const { effects, history, consents, least, most } = kept;
  return [
    ...(effects < acknowledged ? [`${acknowledged - effects} acknowledged choices are lost`] : []),
    ...(effects > acknowledged ? [`${effects - acknowledged} choices had more than one effect`] : []),
    ...(least !== acknowledged || most !== acknowledged ? ['a Consent has not the version of the last choice'] : []),
    ...(history !== consents * most ? ['a history has a gap'] : []),
  ];
}
