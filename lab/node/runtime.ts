import { readFileSync } from 'node:fs';
import type { NodeFilesOptions } from './files.ts';

const capSysResource = 24n;

/** Whether containers on this machine can have every capability, or runc has to be kept from asking for CAP_SYS_RESOURCE. */
export function runtimeForNodes(): NodeFilesOptions['runtime'] {
  return hasSysResource(readFileSync('/proc/self/status', 'utf8')) ? 'runc' : 'wrapped-runc';
}

/** Reads the bounding set out of the text of /proc/PID/status. */
export function hasSysResource(status: string): boolean {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return bounding !== undefined && ((BigInt(`0x${bounding}`) >> capSysResource) & 1n) === 1n;
}
