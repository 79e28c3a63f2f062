import express from 'express';
import supertest from 'supertest';
import { healthRoutes } from '../../src/http/health.ts';

it('whoever asks at once whether the server is ready is told the same, after one look; who asks later, after another', async () => {
  let looks = 0;
  let told: (ready: boolean) => void = () => undefined;
  const isReady = () => {
    looks += 1;
    return new Promise<boolean>((resolve) => (told = resolve));
  };
  const app = express().use(healthRoutes({ isReady }));
  let arrived = 0;
  const server = app.listen(0, '127.0.0.1').on('request', () => (arrived += 1));
  const ask = (count: number) =>
    Array.from({ length: count }, async () => (await supertest(server).get('/health/ready')).status);
  const answered = async (count: number, ready: boolean) => {
    const answers = ask(count);
    const expected = arrived + count;
    while (arrived < expected) await new Promise((resolve) => setImmediate(resolve));
    told(ready);
    return Promise.all(answers);
  };
  try {
    expect(await answered(20, true)).toEqual(Array(20).fill(200));
    expect(looks).toBe(1);
    expect(await answered(1, false)).toEqual([503]);
    expect(looks).toBe(2);
  } finally {
    server.close();
  }
});
