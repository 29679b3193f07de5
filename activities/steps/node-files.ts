import { cniConfiguration } from '../../cluster/components/cni.ts';
import type { Component } from '../../cluster/components/component.ts';
import { componentsOf } from '../../cluster/components/component-spec.ts';
import { lifetimesOf, whyRenew, type Rotation } from '../../cluster/certificates/expiry.ts';
import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { CkeError } from '../../cluster/errors.ts';
import type { ImageActivities } from '../contracts/operations.ts';
import type { NodeActivities } from '../contracts/steps.ts';
import type { Fence } from '../fence.ts';
import { readLabels } from '../labels.ts';
import type { ListedContainer } from '../node/docker.ts';
import type { Manifest } from '../node/file-set.ts';
import { digestOf, filesDigest, renderFiles } from '../render-files.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../vault/vault.ts';
import type { Place, Places } from './places.ts';

interface FilePorts {
  places: Places;
  fence: Fence;
  vault: Vault;
  store: Pick<Store, 'records' | 'rotations'>;
}

type FileActivities = Pick<
  NodeActivities,
  'checkNode' | 'pullImages' | 'createFileContainer' | 'installFiles' | 'installCniConfiguration'
>;

/** What is put on a node beside containers: images, the container that files go through, and file sets. */
export function nodeFileActivities({ places, fence, vault, store }: FilePorts): FileActivities {
  return {
    async checkNode(mandate) {
      const place = await places.at(mandate);
      const known = await place.docker.list();
      const strangers = known.filter(({ labels }) => readLabels(labels).cluster !== mandate.cluster);
      if (strangers.length > 0) throw unfit(mandate.node, strangers.map(sayStranger));
      if (known.length > 0) return;
      await fence.mayAct(mandate);
      const lacking = await place.preflight();
      if (lacking.length > 0) throw unfit(mandate.node, lacking);
    },

    async pullImages(mandate) {
      const { docker, pull, declaration, node } = await places.at(mandate);
      const images = imagesOf(declaration, ['rivers', ...componentsOf(declaration, node)]);
      await bring({ docker, pull, images, mayPull: () => fence.mayAct(mandate) });
    },

    async createFileContainer(mandate) {
      const { files } = await places.at(mandate);
      await fence.mayAct(mandate);
      await files.prepare();
    },

    async installFiles(mandate) {
      const { files, wanted, declaration } = await places.at(mandate);
      const spec = await wanted(mandate.component);
      const digest = filesDigest(spec);
      const rotations = await store.rotations.list(mandate.cluster);
      const standing = await files.readManifest(spec);
      if (standing?.digest === digest && isFresh(standing, { declaration, mandate, rotations })) {
        const damage = await files.damage();
        if (damage.every(({ set }) => set !== spec.component)) return;
      }
      await fence.mayAct(mandate);
      const rendered = await renderFiles({ cluster: mandate.cluster, node: mandate.node, spec, vault, rotations });
      await fence.mayAct(mandate);
      await files.installFileSet({
        component: spec.component,
        root: spec.root,
        files: rendered.files,
        manifest: { digest, certificates: rendered.certificates },
        by: mandate,
      });
    },

    async installCniConfiguration(mandate) {
      const { files, declaration, node } = await places.at(mandate);
      const configuration = cniConfiguration({ declaration, node, podCidr: mandate.podCidr });
      if (configuration === undefined) return;
      await fence.mayAct(mandate);
      const file = { path: configuration.path, mode: '0644' as const, bytes: Buffer.from(configuration.text) };
      const manifest = { digest: digestOf(configuration.text), certificates: [] };
      await files.installFileSet({ component: 'cni', root: '/etc/cni/net.d', files: [file], manifest, by: mandate });
      await store.records.putCniConfiguration(mandate.cluster, mandate.node, configuration.text, mandate);
    },
  };
}

/** Pulling ahead of time: what runs is left alone, so no operation has to be the current one. */
export function imageActivities({ places }: Pick<FilePorts, 'places'>): ImageActivities {
  return {
    async bringImages({ cluster, revision, node: name, images }) {
      const { docker, pull, declaration, node } = await places.at({ cluster, revision, node: name, epoch: 0 });
      const wanted = imagesOf({ images }, ['rivers', ...componentsOf(declaration, node)]);
      return { pulled: await bring({ docker, pull, images: wanted }) };
    },
  };
}

interface Bringing {
  docker: Place['docker'];
  pull: Place['pull'];
  images: string[];
  /** Asked before each pull. */
  mayPull?: () => Promise<void>;
}

/** Pulls what is not there; how many that were. */
async function bring({ docker, pull, images, mayPull }: Bringing): Promise<number> {
  let pulled = 0;
  for (const image of images) {
    if (await docker.hasImage(image)) continue;
    await mayPull?.();
    await pull(image);
    pulled += 1;
  }
  return pulled;
}

function imagesOf({ images }: Pick<Declaration, 'images'>, components: Component[]): string[] {
  return [...new Set(components.map(imageOf).map((name) => images[name]))];
}

function imageOf(component: Component): keyof Declaration['images'] {
  return component === 'etcd-rivers' ? 'rivers' : component;
}

interface Wanted {
  declaration: Declaration;
  mandate: { node: string };
  rotations: Rotation[];
}

/** Whether what is installed need not be issued anew (C-03): an interrupted attempt may have done it already. */
function isFresh({ certificates }: Manifest, { declaration, mandate: { node }, rotations }: Wanted): boolean {
  const at = new Date().toISOString();
  return whyRenew({ certificates, node, at, rotations, ...lifetimesOf(declaration) }) === undefined;
}

function sayStranger({ name, image, labels }: ListedContainer): string {
  const { cluster } = readLabels(labels);
  return `there is a container ${name} (${image}) of ${cluster === undefined ? 'somebody else' : `cluster ${cluster}`}`;
}

function unfit(node: string, lacking: string[]): CkeError {
  return new CkeError({
    code: 'PreflightFailed',
    message: `${node} is not fit for Kubernetes yet: ${lacking.join('; ')}`,
    node,
    fix: `cure that on ${node}, then: cke-client reconcile`,
    remedy: 'never',
  });
}
