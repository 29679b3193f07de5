import { join } from 'node:path';
import { execPath } from 'node:process';
import { attempt } from './command.ts';
import type { RunResult } from './command.ts';
import { LabError } from './errors.ts';
import { linkState, setLink } from './network.ts';
import { processorMilliseconds } from './node/cgroups.ts';
import { attemptInside, nodePid, runInside } from './node/machine.ts';
import { powerOff, powerOn } from './nodes.ts';
import type { Progress } from './progress.ts';
import { ensureRoots } from './roots.ts';
import type { NodeContext } from './state.ts';

/** What an operator's machine room has for one node. */
export interface LabNode {
  readonly name: string;
  readonly address: string;
  readonly link: string;
  /** Where /var/lib of the node lies on the host. */
  readonly disk: string;
  /** PID of its init on the host, or undefined when it is off. */
  pid(): number | undefined;
  /** Its Docker socket on the host. Throws LabError when it is off. */
  dockerSocket(): string;
  /** Runs a command that has to succeed, as root in the node, and returns its output. Throws LabError. */
  exec(argv: readonly string[], input?: string): Promise<string>;
  /** The same, with the exit code for the caller to judge. */
  attempt(argv: readonly string[], input?: string): Promise<RunResult>;
  /** What `url` answers to somebody on this node, within two seconds; undefined when it does not answer with success. */
  fetch(url: string): Promise<string | undefined>;
  powerOff(): Promise<void>;
  /** Returns when Docker, containerd and sshd answer. */
  powerOn(): Promise<void>;
  /** Unplugs the cable. */
  partition(): Promise<void>;
  /** Drops what comes from or goes to these addresses, and nothing else. */
  cutFrom(addresses: readonly string[]): Promise<void>;
  /** Plugs the cable in and takes all cuts back. */
  heal(): Promise<void>;
  state(): Promise<'on' | 'off' | 'partitioned'>;
  /** Ends sshd, dockerd or containerd and keeps it down until startService. */
  stopService(name: NodeService): Promise<void>;
  startService(name: NodeService): Promise<void>;
  /** Processor time of everything in it since power-on, in milliseconds. */
  processorMilliseconds(): number | undefined;
}

export type NodeService = 'sshd' | 'dockerd' | 'containerd';

/** Opens one node of a lab. */
export function openNode(context: NodeContext, progress: Progress): LabNode {
  const { lab, paths, node } = context;
  const pid = () => nodePid(context);
  const needPid = () => pid() ?? isOff(node.name, lab.name);
  const exec = (argv: readonly string[], input?: string) => runInside(needPid(), argv, input);
  return {
    ...node,
    disk: join(paths.node(node.name), 'disk'),
    pid,
    dockerSocket: () => `/proc/${needPid()}/root/run/docker.sock`,
    exec,
    attempt: (argv, input) => attemptInside(needPid(), argv, input),
    fetch: (url) => fetchFrom(needPid(), url),
    powerOff: () => powerOff(context),
    powerOn: async () => powerOn(context, (await ensureRoots(progress)).node),
    partition: () => setLink(node.link, 'down'),
    cutFrom: async (addresses) => {
      await exec(['nft', '-f', '-'], cutRules(addresses));
    },
    heal: async () => {
      await setLink(node.link, 'up');
      await attemptInside(needPid(), ['nft', 'delete', 'table', 'inet', 'lab_cut']);
    },
    state: async () => {
      if (pid() === undefined) return 'off';
      return (await linkState(node.link)) === 'up' ? 'on' : 'partitioned';
    },
    stopService: async (name) => {
      await exec(['sh', '-c', `: >/run/lab/stopped/${name}; kill $(cat /run/lab/${name}.pid)`]);
    },
    startService: async (name) => {
      await exec(['rm', '-f', `/run/lab/stopped/${name}`]);
    },
    processorMilliseconds: () => processorMilliseconds(`${lab.cgroup}/${node.name}`),
  };
}

/** A node has no HTTP client of its own: this very Node.js asks, in the node's network namespace. */
async function fetchFrom(pid: number, url: string): Promise<string | undefined> {
  const script = `
    const answer = await fetch(process.argv[1], { signal: AbortSignal.timeout(2000) });
    process.stdout.write(await answer.text());
    process.exitCode = answer.ok ? 0 : 1;`;
  const argv = ['--target', String(pid), '--net', '--', execPath, '--input-type=module', '-e', script, url];
  const { code, stdout } = await attempt('nsenter', argv);
  return code === 0 ? stdout : undefined;
}

function cutRules(addresses: readonly string[]): string {
  const set = `{ ${addresses.join(', ')} }`;
  return `add table inet lab_cut
flush table inet lab_cut
add chain inet lab_cut in { type filter hook input priority -300; }
add chain inet lab_cut out { type filter hook output priority -300; }
add rule inet lab_cut in ip saddr ${set} drop
add rule inet lab_cut out ip daddr ${set} drop
`;
}

function isOff(name: string, lab: string): never {
  throw new LabError({
    what: `${name} is off`,
    why: 'it was powered off, or the lab is not up',
    cure: `npm run lab -- node power-on ${name} --name ${lab}`,
  });
}
