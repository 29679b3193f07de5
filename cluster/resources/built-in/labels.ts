/** Every built-in object bears it: one list of a kind shows all of ours. */
export const builtIn = { 'cke.cybozu.com/built-in': 'true' } as const;

/** Roles that the API server's own controller reconciles bear this label, and so do ours, as under CKE. */
export const bootstrapping = { ...builtIn, 'kubernetes.io/bootstrapping': 'rbac-defaults' } as const;

/** Names of CKE's: its runbooks and dashboards hold. */
export const dnsNames = {
  app: 'cluster-dns',
  cache: 'node-dns',
  account: 'cke-cluster-dns',
  role: 'system:cluster-dns',
} as const;

/** What selects the pods of CoreDNS. */
export const corednsSelector = { 'cke.cybozu.com/appname': dnsNames.app } as const;
