import type { Express } from 'express';

interface Layer {
  readonly rawPath?: unknown;
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle: { readonly stack?: readonly Layer[]; readonly length: number };
}

/**
 * Every address that the stack itself knows, with its method; below a handler that is no router, its prefix and `*`. A step that
 * every request goes through has the address `* /*`; those for what went wrong have none.
 */
export function addressesOf(app: Express): string[] {
  return addressesIn(app.router.stack as unknown as readonly Layer[], '');
}

function addressesIn(layers: readonly Layer[], prefix: string): string[] {
  return layers.flatMap((layer) => addressesAt(layer, prefix));
}

function addressesAt({ rawPath, route, handle }: Layer, prefix: string): string[] {
  if (route !== undefined) {
    return Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${prefix}${route.path}`);
  }
  if (typeof rawPath !== 'string') throw new Error('the stack has an address that this test cannot read');
  const here = rawPath === '/' ? prefix : prefix + rawPath;
  if (handle.stack !== undefined) return addressesIn(handle.stack, here);
  return handle.length > 3 ? [] : [`* ${here}/*`];
}
