import { createHash, X509Certificate } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';

/** Reads the certificate a client showed, from what came with its request; nothing when there is none to believe. */
export type ReadCertificate = (peer: string | undefined, header: string | undefined) => X509Certificate | undefined;

/** Largest certificate that is looked at, in characters of base64. */
const LONGEST = 12_000;

/**
 * The certificate that a TLS-terminating proxy passes on in `Client-Cert` (RFC 9440): DER as a byte sequence. Believed only
 * from the proxies that the configuration names; from anyone else the header means nothing.
 * @param proxies addresses, or subnets as `10.0.0.0/8`
 */
export function certificateReader(proxies: readonly string[]): ReadCertificate {
  const trusted = new BlockList();
  for (const proxy of proxies) {
    const [address = '', prefix] = proxy.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  return (peer, header) => {
    if (peer === undefined || header === undefined || header.length > LONGEST) return undefined;
    if (!trusted.check(peer, isIPv6(peer) ? 'ipv6' : 'ipv4')) return undefined;
    const [, bytes] = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(header.trim()) ?? [];
    return bytes === undefined ? undefined : parsed(Buffer.from(bytes, 'base64'));
  };
}

function parsed(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

/** What a token is bound to: SHA-256 of the certificate (RFC 8705 section 3.1), base64url. */
export function certificateThumbprint(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('base64url');
}
