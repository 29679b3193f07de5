import { coerce, gte } from 'semver';
import type { DockerFacts } from './docker-facts.ts';

const oldestDocker = '20.10.0';
const mostSkewMilliseconds = 500;
const leastMemoryBytes = 1.5 * 1024 ** 3;
const leastDiskKilobytes = 5 * 1024 ** 2;

/** What the one-shot container printed. */
export interface NodeFacts {
  swaps: string[];
  listening: number[];
  filesystems: string[];
  freeKilobytes: number | undefined;
  sockets: string[];
  /** Names in /etc/cni/net.d. */
  cniFiles: string[];
  /** Kernel settings by their path below /proc/sys. */
  settings: Record<string, string>;
}

export interface Demands {
  /** Kernel settings that must be there, and have this value if one is named. */
  settings: { name: string; wanted?: string; cure: string }[];
  cgroup: 'any version' | 'only version 2';
  ports: { port: number; component: string }[];
  swap: 'refused' | 'tolerated';
  criSocket: string;
  /** Name of the network configuration that is declared. */
  cniFile: string | undefined;
}

/** Reads the lines of the preflight container; unknown lines are passed over. */
export function parseFacts(lines: string[]): NodeFacts {
  const after = (word: string) =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  return {
    swaps: after('swap')
      .filter((line) => line.startsWith('/'))
      .map((line) => line.split(/\s+/)[0] ?? ''),
    listening: after('tcp').flatMap(listeningPort),
    filesystems: after('filesystem'),
    freeKilobytes: after('disk').map((line) => Number(line.trim().split(/\s+/)[3]))[0],
    sockets: after('socket'),
    cniFiles: after('cni'),
    settings: Object.fromEntries(after('setting').map((line) => splitOnce(line))),
  };
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf(' ');
  return [line.slice(0, at), line.slice(at + 1)];
}

/** /proc/net/tcp: local address in hexadecimal, state 0A is LISTEN. */
function listeningPort(line: string): number[] {
  const [, local = '', , state] = line.trim().split(/\s+/);
  const port = Number.parseInt(local.split(':')[1] ?? '', 16);
  return state === '0A' && Number.isInteger(port) ? [port] : [];
}

/** Each thing that is missing, as a sentence with the number seen and the number wanted. */
export function lackingOf(facts: NodeFacts & { docker: DockerFacts }, demands: Demands): string[] {
  const { docker } = facts;
  const lacking: string[] = [];
  const version = coerce(docker.version);
  if (version === null || !gte(version, oldestDocker))
    lacking.push(`Docker is ${docker.version}, want ${oldestDocker} or newer`);
  const skew = Math.max(0, Math.abs(docker.clockOffset.milliseconds) - docker.clockOffset.uncertainty);
  if (skew > mostSkewMilliseconds)
    lacking.push(`its clock is off by ${skew} ms, want at most ${mostSkewMilliseconds} ms: set up NTP`);
  if (docker.memoryBytes < leastMemoryBytes)
    lacking.push(`it has ${Math.round(docker.memoryBytes / 1024 ** 2)} MiB of memory, want 1536 MiB`);
  if (facts.freeKilobytes !== undefined && facts.freeKilobytes < leastDiskKilobytes)
    lacking.push(`/var/lib has ${Math.round(facts.freeKilobytes / 1024)} MiB free, want 5120 MiB`);
  if (demands.swap === 'refused' && facts.swaps.length > 0)
    lacking.push(`swap is on (${facts.swaps.join(', ')}): swapoff -a, or failSwapOn: false in the kubelet’s config`);
  if (!facts.filesystems.includes('overlay')) lacking.push('the kernel has no overlay file system: modprobe overlay');
  if (demands.cgroup === 'only version 2' && docker.cgroupVersion !== '2')
    lacking.push('it has cgroup version 1: boot it with version 2, or failCgroupV1: false in the kubelet’s config');
  for (const { name, wanted, cure } of demands.settings) {
    const value = facts.settings[name];
    if (value === undefined) lacking.push(`the kernel has no ${name}: ${cure}`);
    else if (wanted !== undefined && value !== wanted) lacking.push(`${name} is ${value}, want ${wanted}: ${cure}`);
  }
  for (const { port, component } of demands.ports)
    if (facts.listening.includes(port)) lacking.push(`port ${port} is in use, and ${component} needs it`);
  const socket = demands.criSocket.replace(/^\/var\/run\//, '/run/');
  if (socket.startsWith('/run/') && !facts.sockets.includes(socket))
    lacking.push(`there is no CRI socket at ${demands.criSocket}`);
  const { cniFile } = demands;
  if (cniFile !== undefined)
    for (const other of facts.cniFiles.filter((name) => /\.(conf|conflist|json)$/.test(name) && name < cniFile))
      lacking.push(`/etc/cni/net.d/${other} comes before ${cniFile}, so that runtimes would take it: move it away`);
  return lacking;
}
