/** An address that leads inside, however it is written; `PORT` is where somebody listens. */
export interface Form {
  readonly what: string;
  readonly address: string;
  /** What the name servers say of its name. */
  readonly resolved?: readonly string[];
}

/** Each leads to this machine, or would if it were followed as it is meant. */
export const TO_THIS_MACHINE: readonly Form[] = [
  { what: 'plain', address: 'https://127.0.0.1:PORT/' },
  { what: 'decimal', address: 'https://2130706433:PORT/' },
  { what: 'octal', address: 'https://017700000001:PORT/' },
  { what: 'octal by part', address: 'https://0177.0.0.01:PORT/' },
  { what: 'hexadecimal', address: 'https://0x7f000001:PORT/' },
  { what: 'hexadecimal by part', address: 'https://0x7f.0x0.0x0.0x1:PORT/' },
  { what: 'mixed', address: 'https://0x7f.0.1:PORT/' },
  { what: 'two parts', address: 'https://127.1:PORT/' },
  { what: 'with a dot at its end', address: 'https://127.0.0.1.:PORT/' },
  { what: 'full-width digits', address: 'https://１２７.０.０.１:PORT/' },
  { what: 'circled digits', address: 'https://①②⑦.⓪.⓪.①:PORT/' },
  { what: 'ideographic dots', address: 'https://127。0。0。1:PORT/' },
  { what: 'escaped digits', address: 'https://%31%32%37.0.0.1:PORT/' },
  { what: 'no address at all', address: 'https://0.0.0.0:PORT/' },
  { what: 'IPv6', address: 'https://[::1]:PORT/' },
  { what: 'IPv6 in full', address: 'https://[0000:0000:0000:0000:0000:0000:0000:0001]:PORT/' },
  { what: 'IPv6, none', address: 'https://[::]:PORT/' },
  { what: 'IPv4 mapped', address: 'https://[::ffff:127.0.0.1]:PORT/' },
  { what: 'IPv4 mapped in hexadecimal', address: 'https://[::ffff:7f00:1]:PORT/' },
  { what: 'IPv4 compatible', address: 'https://[::127.0.0.1]:PORT/' },
  { what: 'IPv4 translated', address: 'https://[::ffff:0:127.0.0.1]:PORT/' },
  { what: 'NAT64', address: 'https://[64:ff9b::127.0.0.1]:PORT/' },
  { what: 'local NAT64', address: 'https://[64:ff9b:1::127.0.0.1]:PORT/' },
  { what: '6to4', address: 'https://[2002:7f00:1::]:PORT/' },
  { what: 'Teredo', address: 'https://[2001:0:7f00:1::]:PORT/' },
  { what: 'localhost', address: 'https://localhost:PORT/' },
  { what: 'a name below localhost', address: 'https://ehr.localhost:PORT/' },
  { what: 'localhost in another spelling', address: 'https://LOCALHOſT:PORT/' },
  { what: 'a name for any address', address: 'https://127.0.0.1.nip.example:PORT/', resolved: ['127.0.0.1'] },
  { what: 'a name that hides IPv6', address: 'https://inside.example:PORT/', resolved: ['::ffff:127.0.0.1'] },
  { what: 'a name for nothing', address: 'https://none.example:PORT/', resolved: [] },
  { what: 'user info', address: 'https://ehr.example@127.0.0.1:PORT/' },
  { what: 'user info with a password', address: 'https://ehr.example:443@127.0.0.1:PORT/' },
  { what: 'empty user info', address: 'https://@127.0.0.1:PORT/' },
  { what: 'a backslash', address: 'https://127.0.0.1:PORT\\@ehr.example/' },
  { what: 'a fragment', address: 'https://127.0.0.1:PORT/#@ehr.example/' },
  { what: 'a tab in its midst', address: 'https://127.0.\t0.1:PORT/' },
  { what: 'three slashes', address: 'https:///127.0.0.1:PORT/' },
  { what: 'one slash', address: 'https:/127.0.0.1:PORT/' },
  { what: 'http', address: 'http://127.0.0.1:PORT/' },
  { what: 'a file', address: 'file:///etc/hostname' },
  { what: 'another protocol', address: 'gopher://127.0.0.1:PORT/_GET%20/' },
];

/** Addresses that belong to nobody on the public internet. */
export const ELSEWHERE: readonly Form[] = [
  ['private', '10.0.0.1'],
  ['private', '172.16.0.1'],
  ['private', '192.168.1.1'],
  ['shared by customers of a provider', '100.64.0.1'],
  ['link-local: what clouds tell their machines', '169.254.169.254'],
  ['what a cloud tells its machines at a public address', '168.63.129.16'],
  ['multicast', '224.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['reserved', '240.0.0.1'],
  ['for benchmarks', '198.18.0.1'],
  ['for documentation', '192.0.2.1'],
  ['IPv6 unique local', '[fd00:ec2::254]'],
  ['IPv6 link-local', '[fe80::1]'],
  ['IPv6 site-local', '[fec0::1]'],
  ['IPv6 multicast', '[ff02::1]'],
  ['IPv6 for documentation', '[2001:db8::1]'],
  ['IPv6 that nobody was given', '[4000::1]'],
].map(([what = '', host = '']) => ({ what: `${what}: ${host}`, address: `https://${host}:PORT/` }));
