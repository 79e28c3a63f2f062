import { CLIENT_ALGORITHMS, issuerOf } from './authorization-server.ts';
import { PROOF_ALGORITHMS } from './dpop-proof.ts';
import { OPERATION_SCOPES } from './scopes.ts';

const AUTHENTICATION = ['private_key_jwt'];
const RESOURCE_SCOPES = ['Consent.rs', 'Organization.cruds', 'Subscription.cruds', 'Provenance.rs'];

/** What both descriptions of the server say. `baseUrl` is without a slash at its end. */
function endpointsOf(baseUrl: string): object {
  const issuer = issuerOf(baseUrl);
  return {
    issuer,
    token_endpoint: `${issuer}/token`,
    introspection_endpoint: `${issuer}/introspect`,
    revocation_endpoint: `${issuer}/revoke`,
    registration_endpoint: `${issuer}/register`,
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: AUTHENTICATION,
    token_endpoint_auth_signing_alg_values_supported: CLIENT_ALGORITHMS,
    scopes_supported: [...RESOURCE_SCOPES.map((scope) => `system/${scope}`), ...OPERATION_SCOPES],
    response_types_supported: [],
    code_challenge_methods_supported: ['S256'],
  };
}

/** https://www.rfc-editor.org/rfc/rfc8414#section-2 */
export function serverMetadata(baseUrl: string): object {
  return {
    ...endpointsOf(baseUrl),
    introspection_endpoint_auth_methods_supported: AUTHENTICATION,
    introspection_endpoint_auth_signing_alg_values_supported: CLIENT_ALGORITHMS,
    revocation_endpoint_auth_methods_supported: AUTHENTICATION,
    revocation_endpoint_auth_signing_alg_values_supported: CLIENT_ALGORITHMS,
    dpop_signing_alg_values_supported: PROOF_ALGORITHMS,
    tls_client_certificate_bound_access_tokens: true,
  };
}

/** https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html#using-well-known */
export function smartConfiguration(baseUrl: string): object {
  return { ...endpointsOf(baseUrl), capabilities: ['client-confidential-asymmetric', 'permission-v2'] };
}
