import ipaddr from 'ipaddr.js';

/** How far a call may go that is made on somebody's behalf. */
export interface Reach {
  /**
   * Whom it may go to, exactly: `host` (at port 443) or `host:port`, each as it stands in a URL. What leads there is looked at
   * too: a name on this list never leads inside.
   */
  readonly hosts: readonly string[];
  /** True in the sandbox: there http, every port of these hosts, and this machine are within reach too. */
  readonly isSandbox: boolean;
}

/** What is wrong with an address. */
export type AddressFault = 'not-absolute' | 'not-https' | 'host-not-allowed';

/** Scheme, host and port, path and query, each as it is written; no user info, no fragment, nothing that needs mending. */
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\\]+(?:[/?][^#\\^`{|}<>"]*)?$/i;
const HAS_SPACE = /[\s\p{Cc}]/u;
/** The only part of IPv6 that is given out for the public: https://www.rfc-editor.org/rfc/rfc4291#section-2.4 */
const PUBLIC_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Reads an address somebody gave us to call. Hosts are compared in the spelling of a URL, so that `0x7f.1` is `127.0.0.1`
 * and an international name is its punycode.
 * https://url.spec.whatwg.org/#host-parsing
 */
export function readAddress(text: string, { hosts, isSandbox }: Reach): URL | AddressFault {
  if (!ABSOLUTE.test(text) || HAS_SPACE.test(text) || !URL.canParse(text)) return 'not-absolute';
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(isSandbox && url.protocol === 'http:')) return 'not-https';
  const isAllowed = hosts.some((entry) => entry === url.host || (isSandbox && entry === url.hostname));
  return isAllowed ? url : 'host-not-allowed';
}

/**
 * Whether a connection may be made to an IP address: to one of the public internet, in the sandbox to this machine too. Not to
 * private networks, shared, link-local and multicast addresses, nor to what stands for another address: IPv4 within IPv6
 * (mapped, compatible, translated), 6to4, Teredo.
 * https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export function isWithinReach(address: string, isSandbox: boolean): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range === 'loopback') return isSandbox;
  return range === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(PUBLIC_IPV6));
}
