import type { IncomingMessage, ServerResponse } from 'node:http';
import { MedplumClient, OperationOutcomeError } from '@medplum/core';
import type { Bundle, OperationOutcome, Parameters, Resource } from '@medplum/fhirtypes';
import { Client as FhirKitClient, type FhirResource, type PaginationParams } from 'fhir-kit-client';
import FHIR from 'fhirclient';
import type { fhirclient } from 'fhirclient/lib/types.d.ts';

/** What every FHIR client can do, each in its own way. */
export interface FhirClient {
  create(resource: Resource): Promise<Resource>;
  read(type: Resource['resourceType'], id: string): Promise<Resource>;
  /** The ids on each page of a search, followed to the end. */
  pages(type: Resource['resourceType'], query: Readonly<Record<string, string>>): Promise<string[][]>;
  check(question: Parameters): Promise<Parameters>;
  /** The OperationOutcome in what the client threw. */
  outcomeIn(error: unknown): Promise<OperationOutcome>;
}

/** Makes a client of the server at `baseUrl` (without `/fhir`) that sends this access token. */
export type MakeClient = (baseUrl: string, token: string) => FhirClient;

export const medplum: MakeClient = (baseUrl, token) => {
  const client = new MedplumClient({ baseUrl, fhirUrlPath: 'fhir', fetch, cacheTime: 0 });
  client.setAccessToken(token);
  return {
    create: (resource) => client.createResource(resource),
    read: (type, id) => client.readResource(type, id),
    async pages(type, query) {
      const pages: string[][] = [];
      for await (const page of client.searchResourcePages(type, query)) pages.push(page.map(({ id }) => id));
      return pages;
    },
    check: (question) => client.post(client.fhirUrl('Consent', '$check'), question),
    outcomeIn(error) {
      if (error instanceof OperationOutcomeError) return Promise.resolve(error.outcome);
      throw error;
    },
  };
};

export const fhirKit: MakeClient = (baseUrl, token) => {
  const client = new FhirKitClient({ baseUrl: `${baseUrl}/fhir`, bearerToken: token });
  return {
    create: ({ resourceType, ...rest }) => told(client.create({ resourceType, body: { resourceType, ...rest } })),
    read: (resourceType, id) => told(client.read({ resourceType, id })),
    async pages(type, query) {
      const pages: string[][] = [];
      let page: FhirResource | undefined = await client.resourceSearch({ resourceType: type, searchParams: query });
      while (page !== undefined) {
        pages.push(idsIn(page as unknown as Bundle));
        page = await client.nextPage({ bundle: page as PaginationParams['bundle'] });
      }
      return pages;
    },
    check: (question) => told(client.operation({ resourceType: 'Consent', name: '$check', input: { ...question } })),
    outcomeIn: (error) => Promise.resolve((error as { response: { data: OperationOutcome } }).response.data),
  };
};

export const smartOnFhir: MakeClient = (baseUrl, token) => {
  const [request, response] = [{}, {}] as [IncomingMessage, ServerResponse];
  const client = FHIR(request, response, noStorage).client({
    serverUrl: `${baseUrl}/fhir`,
    tokenResponse: { access_token: token },
  });
  return {
    create: (resource) => told(client.create(resource as unknown as fhirclient.FHIR.Resource)),
    read: (type, id) => client.request<Resource>(`${type}/${id}`),
    async pages(type, query) {
      const pages: string[][] = [];
      const url = `${type}?${new URLSearchParams(query).toString()}`;
      await client.request(url, { pageLimit: 0, onPage: (page) => void pages.push(idsIn(page as unknown as Bundle)) });
      return pages;
    },
    check: (question) =>
      client.request({
        url: 'Consent/$check',
        method: 'POST',
        headers: { 'Content-Type': 'application/fhir+json' },
        body: JSON.stringify(question),
      }),
    // This client puts the body of the answer at the end of its message.
    outcomeIn: (error) =>
      Promise.resolve(JSON.parse((error as Error).message.replace(/^[^{]*/, '')) as OperationOutcome),
  };
};

const noStorage = {
  get: () => Promise.resolve(undefined),
  set: () => Promise.resolve(undefined),
  unset: () => Promise.resolve(false),
};

/** The clients know fewer types than we do. */
async function told<T>(answer: Promise<unknown>): Promise<T> {
  return (await answer) as T;
}

function idsIn({ entry = [] }: Bundle): string[] {
  return entry.map(({ resource }) => resource?.id ?? '');
}
