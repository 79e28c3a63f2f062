import { LIMIT_MS } from '../setup/test-database.ts';
import { figures } from './figures.ts';
import { KILLS, WRITES_EACH } from './lengths.ts';
import { Load } from './load.ts';
import { startKiller } from './start-killer.ts';
import { useOwn } from './use-own.ts';

const own = useOwn();
const killer = startKiller();
afterAll(() => killer.end());

describe('a server that is killed under load', () => {
  it(
    'needs no more than a start; all that was acknowledged is there, once, and what is repeated under its key is done once',
    async () => {
      const { postgres, server } = own();
      const load = await Load.on(server);
      for (let kill = 0; kill < KILLS; kill += 1) {
        const failing = load.untilItFails();
        await load.untilMore(WRITES_EACH);
        await killer.kill({ pid: server.pid });
        await failing;
        await server.startAgain();
      }
      expect(await load.faults(postgres)).toEqual([]);
      expect(load.unknown).toBeGreaterThanOrEqual(KILLS);
      figures('server killed', KILLS, load, { 'ready after': server.starts.slice(1) });
    },
    LIMIT_MS * (1 + KILLS),
  );
});

describe('the check of what was acknowledged finds', () => {
  it('a choice that had two effects, because it was repeated without its key', async () => {
    const load = await Load.on(own().server);
    await load.chooseTwice();
    const faults = await load.choices.faults(own().postgres);
    expect(faults).toContain('1 choices had more than one effect');
  });
});
