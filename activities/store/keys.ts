import { CkeError } from '../../cluster/errors.ts';

/** Where everything of all clusters stands. */
export const root = 'cke/';

/** The keys of one cluster. What a person wants stands below `intent/`, and is watched; the rest is ours. */
export function clusterKeys(cluster: string) {
  const prefix = `${root}${segment(cluster)}/`;
  return {
    prefix,
    intent: `${prefix}intent/`,
    latestDeclaration: `${prefix}intent/declaration`,
    pause: `${prefix}intent/pause`,
    destruction: `${prefix}intent/destruction`,
    resourcesChanged: `${prefix}intent/resources`,
    resources: `${prefix}resources/`,
    applied: `${prefix}applied/`,
    declarations: `${prefix}declarations/`,
    declaration: (revision: number) => `${prefix}declarations/${padded(revision)}`,
    epoch: `${prefix}epoch`,
    records: `${prefix}records/`,
    etcdRecord: `${prefix}records/etcd`,
    encryption: `${prefix}records/encryption`,
    backups: `${prefix}backups`,
    ownedAttributes: (node: string) => `${prefix}records/owned-attributes/${segment(node)}`,
    cniConfiguration: (node: string) => `${prefix}records/cni-configuration/${segment(node)}`,
    enrolledNode: (node: string) => `${prefix}records/nodes/${segment(node)}`,
    rotations: `${prefix}records/rotations`,
    takenUp: (component: string, node: string) =>
      `${prefix}records/certificates/${segment(component)}/${segment(node)}`,
    lease: (node: string) => `${prefix}records/leases/${segment(node)}`,
    drain: (node: string) => `${prefix}records/drains/${segment(node)}`,
    hostKey: (address: string) => `${prefix}host-keys/${segment(address)}`,
    history: `${prefix}history/`,
    issuedAll: `${prefix}issued/`,
    issued: (at: string, serial: string) => `${prefix}issued/${segment(at)}-${segment(serial)}`,
    loginKeys: `${prefix}login-keys/`,
    loginKey: (at: string) => `${prefix}login-keys/${segment(at)}`,
    approvals: `${prefix}approvals/`,
    approval: (fingerprint: string) => `${prefix}approvals/${segment(fingerprint)}`,
    historyEntry: (epoch: number) => `${prefix}history/${padded(epoch)}`,
  };
}

/** Ten digits, so that the order of keys is the order of numbers. */
const padded = (number: number): string => String(number).padStart(10, '0');

/** A name must not reach into another cluster's keys. */
function segment(name: string): string {
  if (name !== '' && !name.includes('/')) return name;
  throw new CkeError({
    code: 'InvalidRequest',
    message: `"${name}" cannot be a name in the management etcd`,
    want: 'a name that is not empty and has no slash',
    remedy: 'never',
  });
}
