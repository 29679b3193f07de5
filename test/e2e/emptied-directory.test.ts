import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accepts } from '../../lab/node/machine.ts';
import { dockerOf } from './containers.ts';
import { putDataAside } from './emptied.ts';
import { standingCluster } from './standing.ts';
import { figure, lab, reconcile, seconds, status, until } from './story.ts';
import { underLoad } from './under-load.ts';

const victim = 'cp-3';
const aside = '/var/lib/put-aside';

describe('the data directory of an etcd member is emptied behind our back', () => {
  const place = { directory: '' };
  beforeAll(standingCluster);
  afterAll(async () => {
    const { code } = await lab.node(victim).attempt(['test', '-e', aside]);
    if (code === 0) await putBack(place.directory);
  });

  test('the member never serves, and the cluster says so, while clients write', () =>
    underLoad('an emptied data directory', async (load) => {
      load.excuse(victim);
      place.directory = await putDataAside(victim, aside);
      const etcd = dockerOf(lab.node(victim)).getContainer('etcd');
      const started = Date.parse((await etcd.inspect()).State.StartedAt);
      const killed = Date.now();
      await until('a status that blames rule W-05', saysW05, { seconds: 90, everyMilliseconds: 1000 });
      figure('directory emptied to status', seconds(Date.now() - killed));
      expect((await reconcile()).blockers.map(({ gate, node: where }) => `${gate} ${where}`)).toContain(
        `W-05 ${victim}`,
      );
      expect((await reconcile()).outcome).toBe('blocked');
      const { State } = await etcd.inspect();
      expect(State.Running, 'the member runs on nothing').toBe(false);
      expect(Date.parse(State.StartedAt), 'it was started meanwhile').toBe(started);
    }));

  test('even started by hand it does not come up on nothing', async () => {
    const begun = Math.floor(Date.now() / 1000);
    await dockerOf(lab.node(victim)).getContainer('etcd').start();
    const words = () => lab.node(victim).exec(['sh', '-c', `docker logs --since ${begun} etcd 2>&1`]);
    await until(
      'its refusal to start',
      async () => {
        expect(await servesClients()).toBe(false);
        return (await words()).includes("couldn't find local name") || undefined;
      },
      { seconds: 30 },
    );
    await lab.node(victim).attempt(['docker', 'kill', 'etcd']);
  });

  test('put back, it heals by itself, while clients write', () =>
    underLoad('an emptied data directory that is put back', async (load) => {
      load.excuse(victim);
      await putBack(place.directory);
      await until(
        'a converged cluster',
        async () => {
          const { status: entity, view } = await status();
          const synced = view?.etcd.state === 'observed' && view.etcd.members.every(({ sync }) => sync === 'synced');
          return (entity?.lastReport?.outcome === 'converged' && synced) || undefined;
        },
        { seconds: 180, everyMilliseconds: 2000 },
      );
      expect(await reconcile()).toMatchObject({ outcome: 'converged', blockers: [] });
    }));
});

async function saysW05(): Promise<true | undefined> {
  const { status: entity } = await status();
  return entity?.lastReport?.blockers.some(({ gate, node }) => gate === 'W-05' && node === victim) || undefined;
}

/** Whether anything listens on the member's client port. */
const servesClients = (): Promise<boolean> => accepts(lab.node(victim).address, 2379);

async function putBack(directory: string): Promise<void> {
  await lab
    .node(victim)
    .exec(['sh', '-c', `rm -rf ${directory}/member && mv ${aside}/member ${directory}/ && rmdir ${aside}`]);
}
