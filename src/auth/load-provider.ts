import type * as Library from 'oidc-provider';

export type OidcProvider = typeof Library;

/**
 * Loads `oidc-provider`. On Node 20, our floor, it writes to the console that it wants a later one; what the tests of this
 * project show to work needs no such line among the log's.
 */
export async function loadProvider(): Promise<OidcProvider> {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    return await import('oidc-provider');
  } finally {
    console.warn = warn;
  }
}
