import { describe, expect, test } from 'vitest';
import type { ServerOutcome } from '../activities/contracts/access.ts';
import type { SshKeyStage } from '../activities/vault/ssh-keys.ts';
import { rotateSshKey, type SshKeyPorts } from './ssh-key.ts';

/** Vault, and one server that knows keys. */
class Site implements SshKeyPorts {
  vault: { used: string; next?: string; previous?: string } = { used: 'a' };
  authorised = new Set(['a']);
  isAway = false;
  calls = 0;
  dies = Infinity;

  /** The process is killed before a call, or behind it. */
  private async step(change: () => void): Promise<void> {
    if (this.calls++ === this.dies) throw new Error('killed');
    change();
    if (this.calls++ === this.dies) throw new Error('killed');
  }

  stage = async (): Promise<SshKeyStage> => {
    const { next, previous } = this.vault;
    return previous === undefined ? (next === undefined ? 'settled' : 'authorising') : 'withdrawing';
  };
  make = () =>
    this.step(() => {
      this.vault.next ??= 'b';
    });
  use = () =>
    this.step(() => {
      const { used, next = used } = this.vault;
      this.vault = { used: next, previous: used };
    });
  forget = () => this.step(() => void delete this.vault.previous);
  onServers = async (change: 'authorise' | 'withdraw'): Promise<ServerOutcome[]> => {
    if (this.isAway) return [{ server: 'cp-1', state: 'failed', because: 'cp-1 cannot be reached' }];
    await this.step(() => {
      const { next, previous } = this.vault;
      if (change === 'authorise' && next !== undefined) this.authorised.add(next);
      if (change === 'withdraw' && previous !== undefined) this.authorised.delete(previous);
    });
    return [{ server: 'cp-1', state: 'done' }];
  };
  tell = () => undefined;
}

describe('another SSH key', () => {
  test('the new one is used and the old one is gone', async () => {
    const site = new Site();
    expect(await rotateSshKey(site)).toMatchObject({ state: 'done' });
    expect([site.vault, [...site.authorised]]).toEqual([{ used: 'b' }, ['b']]);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'killed at point %i: the key in use opens the server, and the same again ends it',
    async (dies) => {
      const site = new Site();
      site.dies = dies;
      await expect(rotateSshKey(site)).rejects.toThrow('killed');
      expect(site.authorised).toContain(site.vault.used);
      site.dies = Infinity;
      expect(await rotateSshKey(site)).toMatchObject({ state: 'done' });
      expect([site.vault, [...site.authorised]]).toEqual([{ used: 'b' }, ['b']]);
    },
  );

  test('a server is away: the old key goes on being used until it is back', async () => {
    const site = new Site();
    site.isAway = true;
    expect(await rotateSshKey(site)).toMatchObject({ state: 'authorising' });
    expect([site.vault.used, [...site.authorised]]).toEqual(['a', ['a']]);
    site.isAway = false;
    expect(await rotateSshKey(site)).toMatchObject({ state: 'done' });
  });
});
