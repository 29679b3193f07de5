import { yamlText } from '../components/yaml-text.ts';

interface KubeconfigInput {
  /** Name of the cluster. */
  cluster: string;
  /** URL of the API. */
  server: string;
  /** Who the certificate says one is. */
  user: string;
  /** PEM: the CA that verifies the API, the client certificate with its chain, and its key. */
  authority: string;
  certificate: string;
  privateKey: string;
}

/** A kubeconfig of one cluster, one user and one context called `default`, everything embedded. Holds a secret: the key. */
export function renderKubeconfig({
  cluster,
  server,
  user,
  authority,
  certificate,
  privateKey,
}: KubeconfigInput): string {
  return yamlText({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [
      { name: user, user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(privateKey) } },
    ],
    contexts: [{ name: 'default', context: { cluster, user } }],
    'current-context': 'default',
  });
}

/** PEM is ASCII. */
function base64(pem: string): string {
  return btoa(pem);
}
