import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../lab/command.ts';
import { pauseImage, runcPath } from '../../lab/node/files.ts';
import { runtimeForNodes } from '../../lab/node/runtime.ts';
import { Progress } from '../../lab/progress.ts';
import { cacheDirectory } from '../../lab/state.ts';
import { resolveTools } from '../../lab/toolchain.ts';
import { lab, until } from '../e2e/story.ts';
import type { Registry } from './registry.ts';
import { moduleSources, unpackPackages } from './sources.ts';

export const crioSocket = '/var/run/crio/crio.sock';

/** Where the programs lie on a node: below /var/lib, which is a directory of the host. */
const onNode = '/var/lib/crio-programs';

/** Gathers CRI-O and what it runs in one directory: itself and `pinns` from its Go module, `conmon` and its library from Debian. */
export async function crioPrograms(): Promise<string> {
  const directory = join(cacheDirectory(), 'crio');
  const crio = (await resolveTools(['crio'], new Progress()))('crio');
  mkdirSync(directory, { recursive: true });
  cpSync(crio, join(directory, 'crio'));
  if (!existsSync(join(directory, 'pinns'))) await compilePinns(join(directory, 'pinns'));
  if (!existsSync(join(directory, 'usr/bin/conmon'))) await unpackPackages(directory, ['conmon', 'libglib2.0-0']);
  return directory;
}

async function compilePinns(program: string): Promise<void> {
  const sources = await moduleSources('crio', 'github.com/cri-o/cri-o');
  await run('sh', ['-ec', `gcc -O2 -static -o ${program} ${sources}/pinns/src/*.c`]);
}

/** Makes CRI-O a node's second runtime, as its operator would, with the registry for all images that the lab makes. */
export async function startCrio(name: string, programs: string, registry: Registry): Promise<void> {
  const node = lab.node(name);
  cpSync(programs, join(node.disk, 'crio-programs'), { recursive: true, verbatimSymlinks: true });
  await node.exec(['sh', '-ec', install]);
  const write = (path: string, text: string) =>
    node.exec(['sh', '-ec', `mkdir -p $(dirname ${path}); cat >${path}`], text);
  await write(runtime, runtimeWrapper);
  await node.exec(['chmod', '755', runtime]);
  await write('/etc/crio/crio.conf', configuration);
  await write('/etc/containers/policy.json', JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  await write('/etc/containers/registries.conf', mirrors(registry.host));
  const auth = Buffer.from(registry.login).toString('base64');
  await write('/etc/crio/auth.json', JSON.stringify({ auths: { [registry.host]: { auth } } }));
  await node.exec(['sh', '-ec', 'setsid crio >/var/log/lab/crio.log 2>&1 </dev/null &']);
  await until(
    `CRI-O on ${name}`,
    async () => (await node.attempt(['test', '-S', crioSocket])).code === 0 || undefined,
    {
      seconds: 30,
    },
  );
}

const install = `cp ${onNode}/crio ${onNode}/pinns /usr/local/bin/
cp ${onNode}/usr/bin/conmon /usr/bin/
cp -a ${onNode}/usr/lib/x86_64-linux-gnu/libglib-2.0.so.0* /usr/lib/x86_64-linux-gnu/
mkdir -p /var/lib/containers
`;

const runtime = '/usr/local/sbin/runc-crio';

/** CRI-O limits huge pages wherever the kernel knows them; a lab's node has them in no hierarchy of its cgroups. */
const runtimeWrapper = `#!/bin/sh
previous=
for argument in "$@"; do
  case $previous in --bundle | -b) sed -i -z 's/"hugepageLimits": *\\[[^]]*\\]/"hugepageLimits": []/g' "$argument/config.json" ;; esac
  previous=$argument
done
exec ${runcPath(runtimeForNodes())} "$@"
`;

const configuration = `[crio]
storage_driver = "overlay"
[crio.api]
listen = "${crioSocket}"
[crio.runtime]
cgroup_manager = "cgroupfs"
conmon_cgroup = "pod"
default_runtime = "runc"
pinns_path = "/usr/local/bin/pinns"
[crio.runtime.runtimes.runc]
runtime_path = "${runtime}"
monitor_path = "/usr/bin/conmon"
monitor_cgroup = "pod"
[crio.image]
pause_image = "${pauseImage}"
pause_image_auth_file = "/etc/crio/auth.json"
global_auth_file = "/etc/crio/auth.json"
[crio.network]
network_dir = "/etc/cni/net.d"
plugin_dirs = ["/opt/cni/bin"]
[crio.nri]
enable_nri = false
`;

const mirrors = (host: string): string =>
  ['registry.k8s.io', 'ghcr.io', 'cke.lab']
    .map((prefix) => `[[registry]]\nprefix = "${prefix}"\nlocation = "${host}/${prefix}"\n`)
    .join('\n');
