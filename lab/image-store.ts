import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  linkSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { run, stream } from './command.ts';
import { busyboxImage, debianImage, imageRecipes, moreImages, toolsOf } from './images.ts';
import type { ImageRecipe } from './images.ts';
import { withLock } from './lock.ts';
import { nodeFiles } from './node/files.ts';
import { removeCgroup } from './node/cgroups.ts';
import { bootMachine, forgetMachine, killMachine, runInside, waitForServices } from './node/machine.ts';
import { runtimeForNodes } from './node/runtime.ts';
import type { Progress } from './progress.ts';
import type { Roots } from './roots.ts';
import { cacheDirectory, makeDirectories, pathsOf, writeAtomically } from './state.ts';
import { resolveTools } from './toolchain.ts';
import type { Toolchain } from './toolchain.ts';
import type { ToolName } from './versions.ts';

const recipeVersion = 2;

/** Which images a lab's nodes hold: the present ones, or some besides. */
export type ImageChoice = 'present' | keyof typeof moreImages;

/**
 * A disk (what lies under /var/lib) whose Docker and containerd hold every image; nodes get copies that share the layers' files.
 * The ones with more images are made from the one without.
 */
export async function ensureImageStore(
  roots: Roots,
  progress: Progress,
  choice: ImageChoice = 'present',
): Promise<string> {
  const present = await ensureStore({ roots, progress, recipes: imageRecipes });
  if (choice === 'present') return present;
  return ensureStore({ roots, progress, recipes: moreImages[choice], from: present });
}

interface StoreOptions {
  readonly roots: Roots;
  readonly progress: Progress;
  readonly recipes: readonly ImageRecipe[];
  /** A store whose images it holds, too. */
  readonly from?: string;
}

async function ensureStore({ roots, progress, recipes, from }: StoreOptions): Promise<string> {
  const toolchain = await resolveTools(toolsOf(recipes), progress);
  const key = keyOf({ roots, toolchain, recipes });
  const store = join(cacheDirectory(), 'images', from === undefined ? key : `${basename(from)}-${key}`);
  if (existsSync(store)) return store;
  await withLock(join(cacheDirectory(), 'images.lock'), progress, async () => {
    if (existsSync(store)) return;
    const what = from === undefined ? 'making the images' : 'making more images';
    await progress.phase(what, (detail) =>
      build({ store, roots, toolchain, recipes, detail, ...(from !== undefined && { from }) }),
    );
  });
  return store;
}

type KeyOptions = Pick<BuildOptions, 'roots' | 'toolchain' | 'recipes'>;

function keyOf({ roots, toolchain, recipes }: KeyOptions): string {
  const programs = toolsOf(recipes).map((name) => {
    const { size, mtimeMs } = statSync(toolchain(name));
    return [name, size, mtimeMs];
  });
  return createHash('sha256')
    .update(
      JSON.stringify({ recipeVersion, roots: roots.key, imageRecipes: recipes, programs, runtime: runtimeForNodes() }),
    )
    .digest('hex')
    .slice(0, 12);
}

interface BuildOptions {
  readonly store: string;
  readonly roots: Roots;
  readonly toolchain: Toolchain<ToolName>;
  readonly recipes: readonly ImageRecipe[];
  readonly from?: string;
  readonly detail: (text: string) => void;
}

/** Runs a machine without a network, makes the images with its Docker, and keeps its disk. */
async function build({ store, roots, toolchain, recipes, from, detail }: BuildOptions): Promise<void> {
  const work = `${store}.partial`;
  rmSync(work, { recursive: true, force: true });
  const paths = pathsOf(work);
  makeDirectories(paths);
  const directory = paths.node('builder');
  if (from !== undefined) await copyStore(from, join(directory, 'disk'));
  const self = { name: 'builder', address: '192.0.2.2', link: '' };
  const lab = { gateway: '192.0.2.1', prefixLength: 24, nodes: [self] };
  const machineId = createHash('md5').update(store).digest('hex');
  for (const file of nodeFiles({ lab, node: self, machineId, authorizedKey: '', runtime: runtimeForNodes() })) {
    writeAtomically(join(directory, 'files', file.path), file.text, file.mode);
  }
  const group = `cke-lab-builder-${basename(store)}`;
  const machine = {
    directory,
    lower: roots.node,
    cgroup: `${group}/builder`,
    record: paths.record('builder'),
    log: paths.log('builder'),
    life: 'its starter’s' as const,
  };
  try {
    const pid = await bootMachine(machine);
    await runInside(pid, ['ip', 'link', 'add', 'eth0', 'type', 'bridge']);
    await waitForServices(machine, undefined);
    if (from === undefined) await makeRoots({ pid, roots, detail, work });
    await makeImages({ pid, toolchain, recipes, detail, work });
    await runInside(pid, ['sh', '-c', 'touch /run/lab/stopped/dockerd /run/lab/stopped/containerd']);
    await runInside(pid, [
      'sh',
      '-c',
      'kill $(cat /run/lab/dockerd.pid); while [ -e /run/docker.pid ]; do sleep 0.1; done',
    ]);
    await runInside(pid, [
      'sh',
      '-c',
      'p=$(cat /run/lab/containerd.pid); kill $p; while [ -e /proc/$p ]; do sleep 0.1; done; sync',
    ]);
  } finally {
    await killMachine(machine);
    await forgetMachine(machine);
    await removeCgroup(group);
  }
  mkdirSync(join(store, '..'), { recursive: true });
  renameSync(join(directory, 'disk'), store);
  rmSync(work, { recursive: true, force: true });
}

type Making<Needed extends keyof BuildOptions> = Pick<BuildOptions, Needed> & {
  readonly pid: number;
  readonly work: string;
};

/** The two plain roots: images of their own, and what others stand on. */
async function makeRoots({ pid, roots, detail, work }: Making<'roots' | 'detail'>): Promise<void> {
  detail(debianImage);
  await runInside(pid, ['docker', 'import', '-', debianImage], stream('tar', ['-C', roots.base, '-c', '.']));
  await makeBusybox(pid, roots, join(work, 'busybox'));
}

async function makeImages(options: Making<'toolchain' | 'recipes' | 'detail'>): Promise<void> {
  const { pid, toolchain, recipes, detail, work } = options;
  for (const recipe of recipes) {
    detail(recipe.name);
    await makeImage({ pid, recipe, toolchain, context: join(work, 'context') });
  }
  const own = recipes.flatMap((recipe) => (recipe.forPods === 'yes' ? [recipe.name] : []));
  if (own.length === 0) return;
  const quoted = [busyboxImage, ...own].map((name) => `'${name}'`).join(' ');
  detail('images for pods');
  await runInside(pid, [
    'sh',
    '-ec',
    `docker save -o /tmp/pods.tar ${quoted}; ctr -n k8s.io images import /tmp/pods.tar; rm /tmp/pods.tar`,
  ]);
}

async function makeBusybox(pid: number, roots: Roots, directory: string): Promise<void> {
  for (const name of ['bin', 'tmp', 'etc']) mkdirSync(join(directory, name), { recursive: true });
  copyFileSync(join(roots.base, 'bin/busybox'), join(directory, 'bin/busybox'));
  chmodSync(join(directory, 'tmp'), 0o1777);
  // Without it the static C library looks for plug-ins that are not there, and wget and nslookup crash.
  writeFileSync(
    join(directory, 'etc/nsswitch.conf'),
    'hosts: files dns\nservices: files\npasswd: files\ngroup: files\n',
  );
  await run('chroot', [directory, '/bin/busybox', '--install', '-s', '/bin']);
  const change = ['--change', 'CMD ["/bin/sh"]', '--change', 'ENV PATH=/bin'];
  await runInside(pid, ['docker', 'import', ...change, '-', busyboxImage], stream('tar', ['-C', directory, '-c', '.']));
}

async function makeImage(options: {
  pid: number;
  recipe: ImageRecipe;
  toolchain: Toolchain<ToolName>;
  context: string;
}): Promise<void> {
  const { pid, recipe, toolchain, context } = options;
  rmSync(context, { recursive: true, force: true });
  const bin = join(context, 'root/usr/local/bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, tool] of Object.entries(recipe.programs)) linkOrCopy(toolchain(tool), join(bin, name));
  if (recipe.from === 'scratch') {
    mkdirSync(join(context, 'root/tmp'));
    chmodSync(join(context, 'root/tmp'), 0o1777);
    mkdirSync(join(context, 'root/etc'));
    writeFileSync(
      join(context, 'root/etc/passwd'),
      'root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534::/:/sbin/nologin\n',
    );
  }
  const from = recipe.from === 'scratch' ? 'scratch' : debianImage;
  writeFileSync(join(context, 'Dockerfile'), [`FROM ${from}`, 'COPY root/ /', ...recipe.configuration, ''].join('\n'));
  await runInside(pid, ['docker', 'build', '-q', '-t', recipe.name, '-'], stream('tar', ['-C', context, '-c', '.']));
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/**
 * Gives a node its own disk from the store. What Docker and containerd may write to is copied; the files of image layers,
 * which overlayfs never writes to, are hard links where the file system allows.
 */
export async function copyStore(store: string, disk: string): Promise<void> {
  rmSync(disk, { recursive: true, force: true });
  mkdirSync(disk, { recursive: true });
  await run('/bin/sh', ['-ec', copyScript, store, disk]);
}

const copyScript = `
store=$0 disk=$1
share() {
  mkdir -p "$disk/$(dirname "$1")"
  cp -al "$store/$1" "$disk/$1" 2>/dev/null || { rm -rf "$disk/$1"; cp -a "$store/$1" "$disk/$1"; }
}
snapshots=containerd/io.containerd.snapshotter.v1.overlayfs/snapshots
blobs=containerd/io.containerd.content.v1.content/blobs
share docker/overlay2
share $snapshots
share $blobs
cd "$store"
tar -c --exclude=./docker/overlay2 --exclude=./$snapshots --exclude=./$blobs . | tar -x -C "$disk"`;
