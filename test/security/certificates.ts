/** Two self-signed certificates of clients that do not exist, in DER, base64. */
export const ONE =
  'MIIBkTCCATegAwIBAgIUS1BRtS9xvcQ93CqMqKE230ZXB1UwCgYIKoZIzj0EAwIwHTEbMBkGA1UEAwwSY2xpZW50LW9uZS5leGFt' +
  'cGxlMCAXDTI2MTEyMjE2MjQwNFoYDzIxMjYxMDI5MTYyNDA0WjAdMRswGQYDVQQDDBJjbGllbnQtb25lLmV4YW1wbGUwWTATBgcq' +
  'hkjOPQIBBggqhkjOPQMBBwNCAATYPs4WOm04SnL89AQbnq1HbWd73fppjz2X3ZSFnafUhAwVk8knMaPr1mLYcNZF0xZRkEk0YC9d' +
  '8XhPpJkKX9eBo1MwUTAdBgNVHQ4EFgQUaJcZzBo1PBMxOGEqpyfHu8NRPkIwHwYDVR0jBBgwFoAUaJcZzBo1PBMxOGEqpyfHu8NR' +
  'PkIwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAnIT/sjkMCZcCQ27IK+BdxTKoB9IB3WIn0rxBDF32+RACIGBJ' +
  'N4C6WirVHSt9eoYTlIAPq/tShHTzycHS1vEC6idr';

export const OTHER =
  'MIIBkTCCATegAwIBAgIUNbmKEDp4miIChYMMqQt4kgkndMcwCgYIKoZIzj0EAwIwHTEbMBkGA1UEAwwSY2xpZW50LXR3by5leGFt' +
  'cGxlMCAXDTI2MTEyMjE2MjQwNFoYDzIxMjYxMDI5MTYyNDA0WjAdMRswGQYDVQQDDBJjbGllbnQtdHdvLmV4YW1wbGUwWTATBgcq' +
  'hkjOPQIBBggqhkjOPQMBBwNCAAQlVEQ3N7eG2U3Uy4OP6m5kA5zDlGqJuV5nybR0N6zGfJCdUBYF4kWNMdMtiG/uaOfh5AcMESf6' +
  'uGMGgDdbmemWo1MwUTAdBgNVHQ4EFgQUvx2AQvcfn0FoRnFC6ZTvYtXcr3cwHwYDVR0jBBgwFoAUvx2AQvcfn0FoRnFC6ZTvYtXc' +
  'r3cwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAofBviXsxABg/d63o29g+PdT/N3vU2OWS/w4LUnLQSywIhAJLV' +
  '4BjfPp8MUMT+AhkL8dbSl1pxVkHwJ/nvCHzf22p6';

/** A certificate as a proxy passes it on: https://www.rfc-editor.org/rfc/rfc9440#section-2.1 */
export function clientCert(certificate: string): { 'Client-Cert': string } {
  return { 'Client-Cert': `:${certificate}:` };
}
