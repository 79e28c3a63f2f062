import { resolve } from 'node:path';

/** What `npm start` prints in the sandbox: where the server is, and a first question to paste into another shell. */
export function welcome({ baseUrl, dataDir }: { readonly baseUrl: string; readonly dataDir: string }): string {
  // Where `npm run token` looks for the sandbox's keys when nobody says otherwise.
  const settings = dataDir === resolve('data') ? '' : `DATA_DIR=${quoted(dataDir)} `;
  const question = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'patient', valueIdentifier: { system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: '900203638' } },
      { name: 'holder', valueIdentifier: { system: 'http://fhir.nl/fhir/NamingSystem/ura', value: '00000659' } },
      { name: 'requester', valueIdentifier: { system: 'http://fhir.nl/fhir/NamingSystem/ura', value: '00014332' } },
    ],
  };
  return `
Akkoord is ready (sandbox).

  FHIR base      ${baseUrl}/fhir
  For citizens   ${baseUrl}/

May the GP practice 00000659 share the record of citizen 900203638 with the pharmacy 00014332? Ask it:

curl -s '${baseUrl}/fhir/Consent/$check' \\
  -H "Authorization: Bearer $(${settings}npm run --silent token -- gp)" \\
  -H 'Content-Type: application/fhir+json' \\
  -d '${JSON.stringify(question)}'
`;
}

/** As one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
