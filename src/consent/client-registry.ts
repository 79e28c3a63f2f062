import { randomUUID } from 'node:crypto';
import { CLIENT_ID } from '../auth/client-assertion.ts';
import {
  type ClientMetadata,
  type ClientRequest,
  readClientMetadata,
  writeClientMetadata,
} from '../auth/client-metadata.ts';
import { isInCare } from '../catalogue/look-up.ts';
import { problem } from '../problem.ts';
import { deleteTokensOf } from '../storage/access-token.ts';
import { type ClientRow, findClient, listClients, saveClient } from '../storage/client.ts';
import { findOrganizations } from '../storage/organization.ts';
import type { Unit } from './unit.ts';

/** A client, and whether it may still do anything. */
type ShownClient = ClientMetadata & { readonly active: boolean };

/**
 * Registers a client, bound to its role and organisation (rule 46).
 * @param metadata in the names of RFC 7591
 * @throws Problem invalid
 */
export async function registerClient(unit: Unit, metadata: unknown): Promise<ClientMetadata> {
  const request = readClientMetadata(metadata, unit.register.sandbox);
  await requireOrganization(unit, request);
  return save(unit, { ...request, id: randomUUID(), active: true });
}

/** @throws Problem not-found, also for one that was switched off */
export async function readClient(unit: Unit, id: string): Promise<ClientMetadata> {
  return writeClientMetadata(await findActive(unit, id));
}

async function findActive(unit: Unit, id: string): Promise<ClientRow> {
  const client = CLIENT_ID.test(id) ? await findClient(unit.sql, id) : undefined;
  if (client?.active !== true) throw problem('not-found', 'no-such-client', 'There is no such client.');
  unit.note({ detail: { client: id } });
  return client;
}

/** Every client by name, those that were switched off too. */
export async function readClients({ sql }: Unit): Promise<ShownClient[]> {
  return (await listClients(sql)).map((client) => ({ ...writeClientMetadata(client), active: client.active }));
}

/** Registers all of a client anew; what it was given under the old registration ends. @throws Problem not-found, invalid */
export async function changeClient(unit: Unit, id: string, metadata: unknown): Promise<ClientMetadata> {
  const { active } = await findActive(unit, id);
  const request = readClientMetadata(metadata, unit.register.sandbox);
  await requireOrganization(unit, request);
  return save(unit, { ...request, id, active });
}

/** Switches a client off, for good: its tokens end at once. @throws Problem not-found */
export async function disableClient(unit: Unit, id: string): Promise<ShownClient> {
  return { ...(await save(unit, { ...(await findActive(unit, id)), active: false })), active: false };
}

async function save(unit: Unit, client: ClientRow): Promise<ClientMetadata> {
  unit.note({ detail: { client: client.id } });
  await saveClient(unit.sql, client);
  await deleteTokensOf(unit.sql, client.id);
  return writeClientMetadata(client);
}

/** Insurers, employers and company doctors are outside, whatever they ask for: none of their types has a requester category. */
async function requireOrganization({ sql, register }: Unit, { role, ura }: ClientRequest): Promise<void> {
  if (ura === undefined) {
    if (role === 'holder') throw refused('A holder is registered for its organisation.');
    return;
  }
  const [organization] = await findOrganizations(sql, [ura]);
  if (organization === undefined) throw refused('The organisation of a client must be registered.');
  if (!isInCare(register.catalogue, organization.types)) throw refused('An organisation outside care has no clients.');
}

function refused(text: string) {
  return problem('invalid', 'client-organization', text, 'organization');
}
