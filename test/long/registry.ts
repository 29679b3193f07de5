import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process, { env } from 'node:process';
import { run as runProgram } from '../../lab/command.ts';
import { cacheDirectory } from '../../lab/state.ts';
import { dockerOf } from '../e2e/containers.ts';
import { declaredNames } from '../e2e/declaration.ts';
import { lab, until } from '../e2e/story.ts';
import { unpackPackages } from './sources.ts';

const port = 5443;
const login = { username: 'robot', password: 'right-and-long' };

/** A registry on the lab's bridge that gives images to those only who log in, with a certificate of its own CA. */
export interface Registry {
  /** `host:port`, as in names of images. */
  readonly host: string;
  /** `USERNAME:PASSWORD`. */
  readonly login: string;
  /** Puts an image that the nodes have into the registry, by way of a node; the node does not keep the new name. */
  hold(image: string, name: string): Promise<string>;
  stop(): void;
}

/** Starts Debian's docker-registry, and has the nodes trust it, as their operator would. */
export async function startRegistry(): Promise<Registry> {
  const { gateway } = lab.record();
  const host = `${gateway}:${port}`;
  const directory = join(lab.paths.directory, 'registry');
  mkdirSync(join(directory, 'data'), { recursive: true });
  const at = (name: string) => join(directory, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', at('key.pem')];
  const names = ['-subj', '/CN=registry', '-addext', `subjectAltName=IP:${gateway}`];
  // One for the life of the lab: containerd reads the system's roots once.
  if (!existsSync(at('ca.crt')))
    await runProgram('openssl', ['req', '-x509', ...key, '-days', '2', ...names, '-out', at('ca.crt')]);
  writeFileSync(at('htpasswd'), `${login.username}:${await bcrypt(login.password)}\n`, { mode: 0o600 });
  writeFileSync(at('config.yml'), configuration(host, at));
  const child = spawn(await registryProgram(), ['serve', at('config.yml')], { stdio: 'ignore', env: { ...env } });
  const stop = () => void child.kill('SIGKILL');
  process.once('exit', stop);
  await until('the registry', () => asksForLogin(host, at('ca.crt')), { seconds: 30 });
  for (const name of declaredNames) await trust(name, host, readFileSync(at('ca.crt'), 'utf8'));
  return { host, login: `${login.username}:${login.password}`, hold: (image, name) => hold(host, image, name), stop };
}

/** From Debian's package, beside the lab's other programs. */
async function registryProgram(): Promise<string> {
  const directory = join(cacheDirectory(), 'docker-registry');
  const program = join(directory, 'usr/bin/docker-registry');
  if (!existsSync(program)) await unpackPackages(directory, ['docker-registry']);
  return program;
}

const bcrypt = (password: string): Promise<string> =>
  runProgram('perl', ['-e', 'print crypt($ARGV[0], q($2y$05$abcdefghijklmnopqrstuu))', password]);

function configuration(host: string, at: (name: string) => string): string {
  return JSON.stringify({
    version: 0.1,
    storage: { filesystem: { rootdirectory: at('data') } },
    http: { addr: host, tls: { certificate: at('ca.crt'), key: at('key.pem') } },
    auth: { htpasswd: { realm: 'lab', path: at('htpasswd') } },
  });
}

async function asksForLogin(host: string, authority: string): Promise<true | undefined> {
  const argv = ['--silent', '--output', '/dev/null', '--write-out', '%{http_code}', '--cacert', authority];
  return (await runProgram('curl', [...argv, `https://${host}/v2/`])) === '401' || undefined;
}

/** Docker reads its directory at each pull, containerd the system's roots at its first one. */
async function trust(name: string, host: string, authority: string): Promise<void> {
  const [docker, system] = [`/etc/docker/certs.d/${host}`, '/etc/ssl/certs'];
  const script = `mkdir -p ${docker} ${system} && tee ${docker}/ca.crt >>${system}/ca-certificates.crt`;
  await lab.node(name).exec(['sh', '-ec', script], authority);
}

async function hold(host: string, image: string, name: string): Promise<string> {
  const docker = dockerOf(lab.node('cp-1'));
  const [repository = '', tag = ''] = name.split(':');
  await docker.getImage(image).tag({ repo: `${host}/${repository}`, tag });
  const held = docker.getImage(`${host}/${name}`);
  const pushing = await held.push({ authconfig: { ...login, serveraddress: host } });
  const lines = await new Promise<{ error?: string }[]>((resolve, reject) => {
    docker.modem.followProgress(pushing, (error, output) => (error === null ? resolve(output) : reject(error)));
  });
  const failure = lines.find(({ error }) => error !== undefined)?.error;
  if (failure !== undefined) throw new Error(`${name} could not be pushed: ${failure}`);
  await held.remove();
  return `${host}/${name}`;
}
