import type { JSONWebKeySet } from 'jose';
import type { TokenTrust } from './auth/access-token.ts';
import { keysByUrl, keysByValue } from './auth/issuer-keys.ts';
import type { Config } from './config.ts';
import { BsnVault } from './consent/bsn-vault.ts';
import { isBsn } from './fhir/identifiers.ts';
import { HolderVaults } from './notifications/holder-vaults.ts';
import { SANDBOX_AUDIENCE, SANDBOX_CLAIMS, SANDBOX_ISSUER, SANDBOX_LEVELS } from './sandbox/issue-token.ts';
import { openSandboxKeys, publicKeySet } from './sandbox/keys.ts';
import type { TokenIssuer } from './token-settings.ts';

/** What the server keeps secrets with, and whose word it takes. */
export interface Trust {
  readonly vault: BsnVault;
  readonly holderVaults: HolderVaults;
  /** Whose JWTs count, beside the tokens of the built-in authorisation server. */
  readonly tokens?: TokenTrust;
}

/** The keys that keep BSNs and the issuer whose tokens count: from the configuration, or the sandbox's own. */
export async function openTrust(config: Config): Promise<Trust> {
  if (config.secrets === undefined) return openSandboxTrust(config);
  const { bsnHashKey, bsnCipherKey, vaultKey, previousVaultKey } = config.secrets;
  const vault = new BsnVault(bsnHashKey, bsnCipherKey);
  const holderVaults = new HolderVaults(vaultKey, bsnHashKey, previousVaultKey);
  if (config.tokens === undefined) return { vault, holderVaults };
  const { keys, ...issuer } = config.tokens;
  return { vault, holderVaults, tokens: { ...issuer, keys: keysOf(keys), pseudonymOf: pseudonyms(vault) } };
}

async function openSandboxTrust({ dataDir }: Config): Promise<Trust> {
  const keys = await openSandboxKeys(dataDir);
  const vault = new BsnVault(keys.bsnHashKey, keys.bsnCipherKey);
  return {
    vault,
    holderVaults: new HolderVaults(keys.vaultKey, keys.bsnHashKey),
    tokens: {
      issuer: SANDBOX_ISSUER,
      audience: SANDBOX_AUDIENCE,
      keys: keysByValue(publicKeySet(keys)),
      claims: SANDBOX_CLAIMS,
      levels: SANDBOX_LEVELS,
      pseudonymOf: pseudonyms(vault),
    },
  };
}

function pseudonyms(vault: BsnVault): TokenTrust['pseudonymOf'] {
  return (bsn) => (isBsn(bsn) ? vault.keyOf(bsn) : undefined);
}

function keysOf(keys: TokenIssuer['keys']): TokenTrust['keys'] {
  return 'jwks' in keys ? keysByValue(JSON.parse(keys.jwks) as JSONWebKeySet) : keysByUrl(keys.url);
}
