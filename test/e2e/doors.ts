import { X509Certificate } from 'node:crypto';
import { pluginAuthority } from '../../cluster/certificates/certificate.ts';
import { tokenSigner, type Rotatable } from '../../cluster/certificates/trust.ts';
import { ask, newIdentity, type Identity } from './api-client.ts';
import { fromJson } from './json.ts';
import { cluster, kubectl, lab } from './story.ts';
import { identityOf, knock, onBehalf, sampling, type TalkSampler } from './talks.ts';

/** Something that a CA or a key has signed, and whether it is believed at the moment by whoever has to. */
export interface Showing {
  readonly what: string;
  /** `yes`, or what was answered. */
  readonly isBelieved: () => Promise<string>;
}

const pki = '/etc/kubernetes/pki';
const plugin = '/etc/kubernetes/vault-kms';

/** What is signed by an authority now, and the doors at which it will be shown again. */
export async function showings(of: Rotatable): Promise<Showing[]> {
  const there = lab.node('cp-2');
  const now = (pair: string, ca: string) => identityOf({ node: 'cp-1', files: { ca, pair } });
  switch (of) {
    case 'server':
      return [await servedBy('/etc/etcd/pki/server.crt', `${pki}/etcd-ca.crt`)];
    case 'etcd-peer': {
      const url = `https://${there.address}:2380/version`;
      return [await client(url, () => now('/etc/etcd/pki/peer', '/etc/etcd/pki/ca-peer.crt'), knockFromMember)];
    }
    case 'etcd-client': {
      const url = `https://${there.address}:2379/version`;
      return [await client(url, () => now(`${pki}/apiserver-etcd-client`, `${pki}/etcd-ca.crt`), asked)];
    }
    case 'kubernetes':
      return [
        await client(`https://${there.address}:6443/api/v1/namespaces`, newIdentity, asked),
        await client(`https://${there.address}:10250/pods`, newIdentity, asked),
      ];
    case 'kubernetes-aggregation': {
      const door = { node: 'cp-2', port: 6443, how: { path: '/api/v1/namespaces/default', headers: onBehalf } };
      const inFront = (_: string, identity: Identity) => knock(door, identity);
      return [await client('the API server of cp-2', () => now(`${pki}/aggregation`, `${pki}/ca.crt`), inFront)];
    }
    case 'kubernetes-webhook':
      return [await webhookCertificate()];
    case tokenSigner:
      return [await token()];
    case pluginAuthority:
      return [await client(kmsLogin(), () => now(`${plugin}/client`, `${plugin}/vault-ca.crt`), logIn)];
  }
  return of satisfies never;
}

type Knock = (url: string, identity: Identity) => Promise<string>;

const asked: Knock = async (url, identity) => {
  const answer = await ask(url, identity);
  return answer === 200 ? 'yes' : String(answer);
};

/** A client's certificate: the server is believed by what is trusted at that time, so that only the client can be refused. */
async function client(url: string, identity: () => Promise<Identity>, door: Knock): Promise<Showing> {
  const { cert, key } = await identity();
  return {
    what: `a client of ${url}`,
    isBelieved: async () => door(url, { ca: (await identity()).ca, cert, key }),
  };
}

function kmsLogin(): string {
  const { gateway, ports } = lab.record();
  return `https://${gateway}:${ports.vault}/v1/auth/cke/${cluster}/vault-kms/login`;
}

/** From the bridge of the lab, which is in the network that may. */
const logIn: Knock = async (url, identity) => {
  const answer = await ask(url, identity, { method: 'POST', body: '{"name":"vault-kms"}' });
  return answer === 200 ? 'yes' : String(answer);
};

/** From cp-1: a member lets in only who comes from an address in the certificate. */
async function knockFromMember(url: string, { ca, cert, key }: Identity): Promise<string> {
  const { host, pathname } = new URL(url);
  const script = `d=$(mktemp -d); trap 'rm -rf "$d"' EXIT
    printf %s "$1" > "$d/ca"; printf %s "$2" > "$d/cert"; printf %s "$3" > "$d/key"
    (printf 'GET %s HTTP/1.0\r\n\r\n' "$5"; sleep 1) |
      openssl s_client -quiet -verify_return_error -connect "$4" -CAfile "$d/ca" -cert "$d/cert" -key "$d/key" 2>&1`;
  const { stdout } = await lab.node('cp-1').attempt(['sh', '-c', script, 'knock', ca, cert, key, host, pathname]);
  return stdout.includes(' 200 OK') ? 'yes' : stdout.slice(-200);
}

/** A server's certificate: its clients on the same node have the CAs that decide. */
async function servedBy(certificate: string, authorities: string): Promise<Showing> {
  const leaf = await lab.node('cp-1').exec(['cat', certificate]);
  const isBelieved = async () => verdict(leaf, await lab.node('cp-1').exec(['cat', authorities]));
  return { what: `a server with ${certificate}`, isBelieved };
}

const verdict = (leaf: string, bundle: string): string => {
  const pems = bundle.match(/-----BEGIN[^]+?END CERTIFICATE-----/gu) ?? [];
  const isSigned = pems.some((pem) => new X509Certificate(leaf).verify(new X509Certificate(pem).publicKey));
  return isSigned ? 'yes' : 'none of the CAs has signed it';
};

interface Hook {
  data: { 'tls.crt': string };
}

interface Configuration {
  webhooks: { clientConfig: { caBundle: string } }[];
}

const clear = (base64 = ''): string => Buffer.from(base64, 'base64').toString();

async function webhookCertificate(): Promise<Showing> {
  const { data } = fromJson<Hook>(await kubectl('get', 'secret', 'hook-tls', '--output', 'json'));
  const leaf = clear(data['tls.crt']);
  return {
    what: 'the certificate of a webhook',
    isBelieved: async () => {
      const text = await kubectl('get', 'validatingwebhookconfiguration', 'hook', '--output', 'json');
      return verdict(leaf, clear(fromJson<Configuration>(text).webhooks[0]?.clientConfig.caBundle));
    },
  };
}

/** A token of a service account, at each API server in turn. */
async function token(): Promise<Showing> {
  const signed = (await kubectl('create', 'token', 'default')).trim();
  return {
    what: 'a token of a service account',
    isBelieved: async () => {
      for (const node of ['cp-1', 'cp-2', 'cp-3']) {
        const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: signed } };
        const text = await reviewed(node, review);
        if (!text.includes('"authenticated":true')) return `${node}: ${text.slice(0, 200)}`;
      }
      return 'yes';
    },
  };
}

async function reviewed(node: string, review: object): Promise<string> {
  const { address } = lab.node(node);
  const flags = ['--server', `https://${address}:6443`, 'create', '--raw'];
  const path = '/apis/authentication.k8s.io/v1/tokenreviews';
  const { stdout, stderr } = await lab.run('kubectl', [...flags, path, '-f', '-'], JSON.stringify(review));
  return stdout + stderr;
}

/** Has what is signed at the moment be judged at once, again and again: where programs of our own have no certificates of the authority. */
export function sampleShowings(of: Rotatable): TalkSampler {
  return sampling(async (note) => {
    try {
      for (const { what, isBelieved } of await showings(of)) {
        const said = await isBelieved();
        note(what, isAway(said) ? 'away' : said);
      }
    } catch (error) {
      note('kubectl', isAway(String(error)) ? 'away' : String(error));
    }
  });
}

const isAway = (text: string): boolean => /refused|EOF|connection|timeout|TLS handshake|unavailable|shut/iu.test(text);
