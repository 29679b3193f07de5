/** Markdown under "Details" of a workflow's page in the Web UI: what it is for, for somebody who meets it there. */
export const about = {
  cluster: `Keeps this cluster as its declaration says, for ever. It touches no server itself: it starts an \`…/operation\` when a person
asks, when something happens on a node, and at an interval. The same on a terminal: \`cke-client status\`.`,

  operation: `Looks at everything, decides, runs the steps, and looks again, until nothing safe is left to do. Each line of the timeline is one
outside call. Cancelling it ends this operation only; to keep hands off the cluster: \`cke-client pause\`.`,

  vault: `Once a day: Vault drops expired certificates, and what the worker logs in to Vault with is exchanged before it expires. Nothing of
the cluster is touched.`,

  backup: `Takes a snapshot of etcd by the schedule of the declaration, verifies it, and keeps it. Nothing of the cluster is changed. The same at
once: \`cke-client etcd backup\`; what there is: \`cke-client etcd backups\`.`,

  rotation: `Puts a new CA in the place of an old one without an outage: first both are trusted everywhere, then everything gets certificates of
the new one, then the old one is dropped. Each stage waits until it is seen complete on every node. Cancelling it leaves the cluster in
its stage, in which everything works; \`cke-client certificates rotate-ca NAME\` goes on with it or turns it around.`,

  watch: `Follows the Docker events of all nodes and the cluster's records, and wakes the cluster's workflow. Nothing is decided here.`,

  destroy: `Takes the whole cluster apart, on a person's order: workers first, then control planes. Its entity has been ended. Cancelling it
leaves what is done as it is; the order stays on record, and \`cke-client destroy\` goes on with it.`,
} as const;
