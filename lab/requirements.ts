import { existsSync } from 'node:fs';
import { getuid, platform } from 'node:process';
import { attempt, run } from './command.ts';
import { LabError } from './errors.ts';
import type { Progress } from './progress.ts';

/** Programs that the machine itself has to have, and the Debian package of each. Everything else is inside the nodes' own root. */
const programs: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  openssl: 'openssl',
  'ssh-keygen': 'openssh-client',
  mmdebstrap: 'mmdebstrap',
  tar: 'tar',
};

/** Throws LabError unless this is Linux and we are root. */
export function ensureRoot(): void {
  if (platform !== 'linux') {
    throw new LabError({
      what: `the lab does not run on ${platform}`,
      why: 'its nodes are Linux namespaces',
      cure: 'run it on a Debian 12 machine or virtual machine',
    });
  }
  if (getuid?.() !== 0) {
    throw new LabError({
      what: 'the lab needs root',
      why: 'only root may make network, mount and PID namespaces that run Docker',
      cure: 'run the same command with sudo, or as root',
    });
  }
}

/** Installs what the machine lacks to carry a lab. Throws LabError that names the package when it cannot. */
export async function ensureProgramsInstalled(progress: Progress): Promise<void> {
  const missing = [...new Set(Object.entries(programs).flatMap(([name, pkg]) => (onPath(name) ? [] : [pkg])))];
  if (missing.length > 0)
    await progress.phase(`installing Debian packages ${missing.join(' ')}`, () => install(missing));
}

/** The absolute path of a program on PATH, with the system directories added, or undefined. */
export function onPath(name: string): string | undefined {
  return [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
    .map((directory) => `${directory}/${name}`)
    .find((path) => existsSync(path));
}

async function install(packages: readonly string[]): Promise<void> {
  if (onPath('apt-get') === undefined) {
    throw new LabError({
      what: `${packages.join(', ')} missing`,
      why: 'this machine has no apt-get to install them with',
      cure: `install them with your distribution's tools and try again`,
    });
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const argv = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  if ((await attempt('apt-get', argv, { env })).code === 0) return;
  await attempt('apt-get', ['update', '-qq'], { env });
  try {
    await run('apt-get', argv, { env });
  } catch (error) {
    throw new LabError({
      what: `the Debian packages ${packages.join(', ')} could not be installed`,
      why: error instanceof LabError ? error.why : String(error),
      cure: `make this work by hand: apt-get install ${packages.join(' ')}`,
    });
  }
}
