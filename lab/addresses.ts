import { createHash } from 'node:crypto';

/** The TCP ports of one lab's servers, all on 127.0.0.1. */
export interface LabPorts {
  readonly temporal: number;
  readonly temporalUi: number;
  readonly vault: number;
  readonly vaultCluster: number;
  readonly etcdClient: number;
  readonly etcdPeer: number;
  readonly temporalHttp: number;
  readonly temporalMetrics: number;
  /** The first worker's metrics port; worker n uses this plus n - 1. */
  readonly workerMetrics: number;
  /** Where the first worker decrypts for the Web UI; worker n uses this plus n - 1. */
  readonly codecServer: number;
}

/** Where one lab lives on the machine: computed from its slot, an integer 0–255, so that two labs don't collide. */
export interface LabAddresses {
  readonly subnet: string;
  /** The bridge's own address, the nodes' default gateway. */
  readonly gateway: string;
  readonly prefixLength: number;
  readonly ports: LabPorts;
}

/** How many slots there are; each has a /24 of 10.88.0.0/16 and 20 ports from 21000 on. */
export const slots = 256;
const firstPort = 21_000;
const portsPerSlot = 20;
const firstNode = 11;
const lastNode = 250;

/** The slot a lab tries first: taken from its state directory, so that it is the same each time. */
export function preferredSlot(stateDirectory: string): number {
  return createHash('sha256').update(stateDirectory).digest().readUInt8(0);
}

/** A short id for interface and cgroup names, which have to differ between labs of the same name. */
export function labId(stateDirectory: string): string {
  return createHash('sha256').update(stateDirectory).digest('hex').slice(0, 6);
}

/** Addresses of the lab in `slot`; `network` (three octets) and `portBase` replace the derived ones. */
export function addressesOf({
  slot,
  network = `10.88.${slot}`,
  portBase = firstPort + slot * portsPerSlot,
}: {
  slot: number;
  network?: string;
  portBase?: number;
}): LabAddresses {
  return {
    subnet: `${network}.0/24`,
    gateway: `${network}.1`,
    prefixLength: 24,
    ports: {
      temporal: portBase,
      temporalUi: portBase + 1,
      vault: portBase + 2,
      vaultCluster: portBase + 3,
      etcdClient: portBase + 4,
      etcdPeer: portBase + 5,
      temporalHttp: portBase + 6,
      temporalMetrics: portBase + 7,
      workerMetrics: portBase + 10,
      codecServer: portBase + 15,
    },
  };
}

/** The next free node address of a lab's /24, given those in use. Throws RangeError when there is none left. */
export function nextNodeAddress(subnet: string, used: readonly string[]): string {
  const network = subnet.split('.').slice(0, 3).join('.');
  for (let host = firstNode; host <= lastNode; host++) {
    const address = `${network}.${host}`;
    if (!used.includes(address)) return address;
  }
  throw new RangeError(`no free address left in ${subnet}`);
}

/** The three octets of a /24 such as "10.88.7.0/24", or undefined when it is not one. */
export function networkOf(subnet: string): string | undefined {
  const match = /^((?:\d{1,3}\.){2}\d{1,3})\.0\/24$/.exec(subnet);
  const network = match?.[1];
  return network?.split('.').every((octet) => Number(octet) <= 255) ? network : undefined;
}

/** Names of the nodes that a fresh lab starts with. */
export function nodeNames({
  controlPlanes,
  workers,
  spares,
}: {
  controlPlanes: number;
  workers: number;
  spares: number;
}): string[] {
  return [...numbered('cp', controlPlanes), ...numbered('worker', workers), ...numbered('spare', spares)];
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
}
