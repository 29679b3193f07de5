/** What an activity's input may say about its place; the summary of its event is made of it. */
export interface Place {
  readonly cluster: string;
  readonly node?: string;
  readonly component?: string;
  /** The authority of a certificate, e.g. `etcd-peer`. */
  readonly authority?: string;
  readonly keys?: readonly string[];
  /** Absent when the component does not run yet. */
  readonly containerId?: string;
  /** What is rotated, and how far it is. */
  readonly of?: string;
  readonly stage?: string;
}

type Phrase = (place: Place) => string;

const longest = 200;

const component = ({ component: name = 'the component', node }: Place): string => `${name} on ${node}`;

/** For a person who knows Kubernetes, and not the names of our functions. */
const phrases: Readonly<Record<string, Phrase>> = {
  observeAndDecide: () => 'look at nodes, etcd and Kubernetes, and decide what comes next',
  finishOperation: () => 'write the result into the history',
  beginRotation: ({ of }) => `make a second issuer of ${of}, and have both trusted`,
  directRotation: ({ of }) => `do what a person wants of the rotation of ${of}`,
  lookAtRotation: ({ of }) => `look whether this stage of ${of} is complete everywhere`,
  advanceRotation: ({ of, stage }) => `${of}: ${stage} is complete, go on`,
  settleHolders: ({ of }) => `tell pods and extension servers which CA of ${of} counts`,

  view: () => 'look at the cluster for a person',
  certificates: () => 'look at certificates for a person',
  checkFiles: () => 'compare the files on the nodes with what was installed',
  askForRenewal: ({ cluster }) => `write down that certificates of ${cluster} are wanted anew`,
  lookAtRenewal: () => 'look how far the rotation has come',
  preview: () => 'plan for a person, without doing anything',

  tidyAuthority: ({ authority = 'every' }) => `have Vault drop expired certificates of the ${authority} CA`,
  backUpEtcd: () => 'take a snapshot of etcd, verify it, and keep it where the declaration says',
  recordFailedBackup: () => 'write down that etcd was not backed up',
  beginRestore: () => 'see whether the quorum is lost, and order that etcd begins anew with a snapshot',
  stopForRestore: ({ node }) => `stop the API server and the old etcd member on ${node}`,
  restoreDirectory: ({ node }) => `bring the snapshot to ${node}, and make the data directory of it`,
  renewSecretId: () => 'exchange what this machine logs in to Vault with, if it is due',
  beginKeyChange: () => 'name a new key for Secrets, make it in Vault, and record that it is wanted',
  advanceKeyChange: () => 'see whether all API servers have the keys of this stage, and enter the next one',
  rewriteSecrets: () => 'look at Secrets in etcd, and have those with the old key written anew',

  ensureEtcdUser: () => 'make a user of etcd for an application',
  serversOfSshKey: () => 'see which servers are opened by the common SSH key',
  authoriseNextKey: ({ node }) => `add the new SSH key on ${node}, and try it`,
  withdrawPreviousKey: ({ node }) => `take the old SSH key out on ${node}`,

  checkNode: ({ node }) => `check that ${node} has what it needs`,
  uncordonNode: ({ node }) => `let ${node} take pods again`,
  pullImages: ({ node }) => `pull images on ${node}`,
  bringImages: ({ node }) => `bring images to ${node} ahead of time`,
  createFileContainer: ({ node }) => `create the container through which files reach ${node}`,
  installFiles: (place) => `install certificates and configuration of ${component(place)}`,
  replaceContainer: (place) => `${place.containerId === undefined ? 'start' : 'replace'} ${component(place)}`,
  startContainer: (place) => `start ${component(place)} again`,
  stopContainer: (place) => `stop and remove ${component(place)}`,
  awaitHealthy: (place) => `wait until ${component(place)} is healthy`,
  awaitCertificates: (place) => `wait until ${component(place)} serves with its new certificates`,
  installCniConfiguration: ({ node }) => `install the CNI configuration on ${node}`,
  enrolNode: ({ node }) => `record how ${node} is reached`,

  recordBootstrap: () => 'record the new etcd cluster: its token and members',
  createDataDirectory: ({ node }) => `create an empty etcd data directory on ${node}`,
  concludeBootstrap: () => 'wait until all etcd members are in sync, and record that the cluster exists',
  enableEtcdAuthentication: () => 'create etcd users and roles, and switch etcd authentication on',
  moveLeaderAway: ({ node }) => `move etcd leadership away from ${node}`,
  restartMember: ({ node }) => `restart the etcd member on ${node}`,
  awaitMemberSynced: ({ node }) => `wait until the etcd member on ${node} is in sync`,
  takeEtcdSnapshot: () => 'take a snapshot of etcd and verify it',
  recordMembership: ({ node }) => `record a new etcd membership of ${node}`,
  addLearner: ({ node }) => `add ${node} to etcd as a learner, without a vote`,
  startLearner: ({ node }) => `start the etcd learner on ${node}`,
  recordSettled: ({ node }) => `record that the etcd learner on ${node} has its data`,
  promoteLearner: ({ node }) => `give the etcd learner on ${node} a vote`,
  removeMember: ({ node }) => `take the member on ${node} out of etcd`,
  recordRemoval: ({ node }) => `record that ${node} is no etcd member any more`,
  stopRemovedMember: ({ node }) => `stop the removed etcd member on ${node}`,
  trashDirectory: ({ node }) => `set the etcd data of ${node} aside`,
  dropMembership: ({ node }) => `forget the etcd membership of ${node}`,

  applyObjects: ({ keys = [] }) => `apply ${keys.join(', ')}`,
  applyResources: ({ keys = [] }) => `apply ${keys.length} resources`,
  deleteResources: ({ keys = [] }) => `delete ${keys.length} resources`,
  updateApiEndpoints: () => 'set the endpoints of the Service default/kubernetes',
  updateEtcdEndpoints: () => 'set the endpoints of the Service kube-system/cke-etcd',
  updateNodeAttributes: ({ node }) => `set labels, annotations and taints of Node ${node}`,

  evictPods: ({ node }) => `cordon ${node} and evict its pods`,
  removeContainer: (place) => `remove ${component(place)}`,
  deleteNodeObject: ({ node }) => `delete Node ${node} from Kubernetes`,
  removeFiles: ({ node }) => `remove our files from ${node}`,
  removeFileContainer: ({ node }) => `remove the container through which files reached ${node}`,
  forgetNode: ({ node }) => `forget the records of ${node}`,

  beginDestruction: ({ cluster }) =>
    `record that ${cluster} is to be taken apart: nobody else may change anything any more`,
  stopCondemnedMember: ({ node }) => `stop etcd on ${node} for good`,
  giveUpData: ({ node }) => `give up the etcd data of ${node}`,
  confirmClean: ({ node }) => `look whether ${node} is clean`,
  concludeDestruction: () => 'clear the records, and write the result into the history',
};

/** The line of an activity in the Web UI's timeline: what it does, and where. */
export function summaryOf(activity: string, place: Place): string {
  return (phrases[activity] ?? inWords(activity))(place).slice(0, longest);
}

/** An activity without a phrase is called by its name. */
function inWords(activity: string): Phrase {
  const words = activity.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return ({ component: name, node }) => [words, ...(name ? [name] : []), ...(node ? [`on ${node}`] : [])].join(' ');
}
