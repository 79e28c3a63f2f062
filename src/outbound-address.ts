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

/** What the server may call beside the public internet. */
export interface Surroundings {
  /** True in the sandbox: this machine. */
  readonly isSandbox: boolean;
  /** Private networks that its operator has named, as `10.20.0.0/16`. */
  readonly privateNetworks: readonly string[];
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

/** Networks that are somebody's own: RFC 1918, RFC 6598, RFC 4193. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];
/** Where clouds tell their machines secrets, among private addresses and public ones. */
const CLOUD: ReadonlySet<string> = new Set(['100.100.100.200', '168.63.129.16', 'fd00:ec2::254', 'fd20:ce::254']);

/** Whether a text names a network that lies in one of the private ones as a whole. */
export function isPrivateNetwork(text: string): boolean {
  if (!ipaddr.isValidCIDR(text)) return false;
  const [address, bits] = ipaddr.parseCIDR(text);
  return PRIVATE.some((network) => isIn(address, network) && bits >= ipaddr.parseCIDR(network)[1]);
}

function isIn(address: ipaddr.IPv4 | ipaddr.IPv6, network: string): boolean {
  const [base, bits] = ipaddr.parseCIDR(network);
  return address.kind() === base.kind() && address.match(base, bits);
}

/**
 * Whether a connection may be made to an IP address: to one of the public internet or of a private network that was named, in the
 * sandbox to this machine too. Not to other private networks, shared, link-local and multicast addresses, nor to what stands for another address: IPv4 within IPv6
 * (mapped, compatible, translated), 6to4, Teredo.
 * https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export function isWithinReach(address: string, { isSandbox, privateNetworks }: Surroundings): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (CLOUD.has(parsed.toString())) return false;
  const range = parsed.range();
  if (range === 'loopback') return isSandbox;
  if (privateNetworks.some((network) => isIn(parsed, network))) return true;
  return range === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(PUBLIC_IPV6));
}
