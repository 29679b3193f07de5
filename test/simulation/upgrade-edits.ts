import type { Declaration } from '../../cluster/declaration/declaration.ts';
import { judgeChange } from '../../cluster/declaration/changes.ts';
import { versionOfImage } from '../../cluster/declaration/image-reference.ts';
import { defaultImages } from '../../cluster/declaration/images.ts';
import { compareVersions, parseVersion, type Version } from '../../cluster/declaration/versions.ts';
import { withoutTakenBack } from '../../cluster/decide/upgrade-rules.ts';
import { viewCluster } from '../../cluster/view.ts';
import type { Change } from './change.ts';
import { observe } from './model/observe.ts';
import { latest, type World } from './model/world.ts';
import { pick } from './schedules.ts';

const kubernetesVersions = ['1.33.13', '1.33.14', '1.34.4', '1.34.5', '1.35.0', '1.35.1'];
/** The schema takes 3.6 only; the rules for a change must hold on the day that it takes the next one. */
const etcdVersions = ['3.6.14', '3.6.15', '3.6.16', '3.7.0', '3.7.1', '3.8.0'];

/** Another version: mostly a later one, and one in four that may be a way back or skip a minor, which `apply` has to refuse. */
export function kubernetesUpgrade({ kubernetes_version }: Declaration, rest: number): Change {
  return kubernetesAt(wishedAfter(parseVersion(kubernetes_version), kubernetesVersions, rest));
}

function kubernetesAt(version: string): Change {
  return {
    name: `Kubernetes ${version}`,
    make: (before) =>
      before.kubernetes_version === version
        ? before
        : {
            ...before,
            kubernetes_version: version,
            images: { ...defaultImages(version), etcd: before.images.etcd },
          },
  };
}

/** What a person does who is told to declare a minor first: a version of it, where that is no downgrade of anything that runs. */
export function asAdvised(world: World, advice: string): Declaration | undefined {
  const minor = /declare a version of (\d+\.\d+) first/u.exec(advice)?.[1];
  const version = kubernetesVersions.find((one) => minor !== undefined && one.startsWith(`${minor}.`));
  if (version === undefined) return undefined;
  const [accepted, wished] = [latest(world), kubernetesAt(version).make(latest(world))];
  const view = viewCluster({ declaration: accepted, revision: world.declarations.length, observation: observe(world) });
  return withoutTakenBack(judgeChange(accepted, wished), { wished, view }).length === 0 ? wished : undefined;
}

export function etcdUpgrade({ images }: Declaration, rest: number): Change {
  const image = `quay.io/coreos/etcd:v${wishedAfter(versionOfImage(images.etcd), etcdVersions, rest)}`;
  return {
    name: `etcd ${image}`,
    make: (before) =>
      before.images.etcd === image ? before : { ...before, images: { ...before.images, etcd: image } },
  };
}

function wishedAfter(now: Version | undefined, versions: string[], rest: number): string {
  const later = versions.filter((one) => {
    const version = parseVersion(one);
    return now !== undefined && version !== undefined && compareVersions(version, now) > 0;
  });
  const anything = rest % 4 === 3 || later.length === 0;
  return anything ? pick(versions, rest >> 2) : pick(later.slice(0, 3), rest >> 2);
}
