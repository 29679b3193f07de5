import { z } from 'zod';
import { attempt, run } from './command.ts';
import type { LabRecord, NodeRecord } from './state.ts';

const hostAddresses = z.array(
  z.object({ ifname: z.string(), addr_info: z.array(z.object({ local: z.string().optional() })) }),
);
const hostLinks = z.array(z.object({ flags: z.array(z.string()) }));

/** Whether any interface other than `except` has an address in the /24 `network` (three octets). */
export async function networkInUse(network: string, except: string): Promise<boolean> {
  const interfaces = hostAddresses.parse(JSON.parse(await run('ip', ['-j', '-4', 'addr'])));
  return interfaces
    .filter(({ ifname }) => ifname !== except)
    .some(({ addr_info }) => addr_info.some(({ local }) => local?.startsWith(`${network}.`)));
}

/** Makes the lab's bridge, or leaves the one that is there. */
export async function ensureBridge({ bridge, gateway, prefixLength }: LabRecord): Promise<void> {
  if (!(await linkExists(bridge))) await run('ip', ['link', 'add', bridge, 'type', 'bridge', 'forward_delay', '0']);
  await run('ip', ['addr', 'replace', `${gateway}/${prefixLength}`, 'dev', bridge]);
  await run('ip', ['link', 'set', bridge, 'up']);
}

/** Gives the network namespace of process `pid` an eth0 whose other end is on the bridge. */
export async function connectNode({ bridge }: LabRecord, { link }: NodeRecord, pid: number): Promise<void> {
  await deleteLink(link);
  await run('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)]);
  await run('ip', ['link', 'set', link, 'master', bridge, 'up']);
}

/** Unplugs or plugs the node's cable: nothing reaches it or comes from it, and nobody is told. */
export async function setLink(link: string, state: 'up' | 'down'): Promise<void> {
  await run('ip', ['link', 'set', link, state]);
}

/** What `ip` says about a link: carrier and all, or "absent". */
export async function linkState(link: string): Promise<'up' | 'down' | 'absent'> {
  const { code, stdout } = await attempt('ip', ['-j', 'link', 'show', link]);
  if (code !== 0) return 'absent';
  const [first] = hostLinks.parse(JSON.parse(stdout));
  return first?.flags.includes('UP') ? 'up' : 'down';
}

export async function linkExists(link: string): Promise<boolean> {
  return (await linkState(link)) !== 'absent';
}

/** Removes a link if it is there. */
export async function deleteLink(link: string): Promise<void> {
  await attempt('ip', ['link', 'del', link]);
}
