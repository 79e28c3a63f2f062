import type { TokenClaims } from '../../src/auth/access-token.ts';
import { invalidToken } from '../../src/auth/access-token.ts';
import { verifyOnce } from '../../src/auth/verify-once.ts';

const MINUTE = 60_000;

/** A verifier that believes what begins with `good`, for so long, and counts how often it is asked. */
function counting(life: number) {
  const clock = { now: 1_000_000 };
  const asked: string[] = [];
  const verify = verifyOnce(
    (token) => {
      asked.push(token);
      if (!token.startsWith('good')) return Promise.reject(invalidToken());
      return Promise.resolve({ bearer: { clientId: token }, scopes: new Set(), expiresAt: 1_000_000 + life });
    },
    () => clock.now,
  );
  const bearerOf = (token: string): Promise<TokenClaims['bearer'] | 'refused'> =>
    verify(token).then(
      ({ bearer }) => bearer,
      () => 'refused' as const,
    );
  return { clock, asked, bearerOf };
}

describe('a token', () => {
  it('is verified once, whoever else comes between', async () => {
    const { asked, bearerOf } = counting(10 * MINUTE);
    for (const token of ['good-a', 'good-b', 'good-a', 'good-b', 'good-a']) {
      expect(await bearerOf(token)).toEqual({ clientId: token });
    }
    expect(asked).toEqual(['good-a', 'good-b']);
  });

  it('that is refused is refused anew, every time', async () => {
    const { asked, bearerOf } = counting(10 * MINUTE);
    for (let call = 0; call < 3; call += 1) expect(await bearerOf('forged')).toBe('refused');
    expect(asked).toHaveLength(3);
  });

  it('is verified again after a minute, because its issuer may have withdrawn the key', async () => {
    const { clock, asked, bearerOf } = counting(10 * MINUTE);
    await bearerOf('good');
    clock.now += MINUTE - 1;
    await bearerOf('good');
    expect(asked).toHaveLength(1);
    clock.now += 1;
    await bearerOf('good');
    expect(asked).toHaveLength(2);
  });

  it('is verified again at the moment it expires', async () => {
    const { clock, asked, bearerOf } = counting(5_000);
    await bearerOf('good');
    clock.now += 4_999;
    await bearerOf('good');
    expect(asked).toHaveLength(1);
    clock.now += 1;
    await bearerOf('good');
    expect(asked).toHaveLength(2);
  });

  it('is forgotten, the earliest first, when there are more than ten thousand', async () => {
    const { asked, bearerOf } = counting(10 * MINUTE);
    for (let token = 0; token <= 10_000; token += 1) await bearerOf(`good-${token}`);
    await bearerOf('good-1');
    expect(asked).toHaveLength(10_001);
    await bearerOf('good-0');
    expect(asked).toHaveLength(10_002);
  });
});
