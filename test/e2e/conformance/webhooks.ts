import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { fromJson } from '../json.ts';
import { outsideAddress, serveOutside } from '../outside-server.ts';
import { until } from '../story.ts';
import { configMaps, here } from './admission.ts';
import type { Check } from './check.ts';
import { defined } from './definitions.ts';
import { patience } from './place.ts';
import type { Place } from './place.ts';

interface Review {
  apiVersion: string;
  kind: string;
  request: Asked;
}

interface Asked {
  uid: string;
  object: { data?: Record<string, string> };
  desiredAPIVersion: string;
  objects: { apiVersion: string }[];
}

type Verdict = (asked: Asked) => object;

/** Answers API servers over TLS as long as `use` runs; by path, each with its verdict. Told how it is reached. */
async function withWebhooks(
  verdicts: Readonly<Record<string, Verdict>>,
  use: (at: (path: string) => { url: string; caBundle: string }) => Promise<void>,
): Promise<void> {
  const tls = certificate();
  const server = await serveOutside(({ url = '' }, body) => {
    const { apiVersion, kind, request } = fromJson<Review>(JSON.stringify(body));
    const [path = ''] = url.split('?');
    const response = { uid: request.uid, ...verdicts[path]?.(request) };
    return { status: 200, body: { apiVersion, kind, response } };
  }, tls);
  const address = `https://${outsideAddress()}:${server.port}`;
  try {
    await use((path) => ({ url: `${address}${path}`, caBundle: Buffer.from(tls.cert).toString('base64') }));
  } finally {
    await server.stop();
  }
}

function certificate(): { cert: string; key: string } {
  const directory = mkdtempSync(join(tmpdir(), 'webhook-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', cert];
  const named = ['-subj', '/CN=webhook', '-addext', `subjectAltName=IP:${outsideAddress()}`];
  try {
    execFileSync('openssl', ['req', '-x509', ...made, '-days', '1', ...named], { stdio: 'ignore' });
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Adds a colour to every ConfigMap that has none. */
const colour: Verdict = ({ object }) => {
  const patch = [{ op: 'add', path: '/data', value: { ...object.data, colour: object.data?.['colour'] ?? 'red' } }];
  return { allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
};

const noRed: Verdict = ({ object }) =>
  object.data?.['colour'] === 'red'
    ? { allowed: false, status: { code: 418, message: 'no more red' } }
    : { allowed: true, warnings: ['a colour of one’s own'] };

const hook = (place: Place, clientConfig: { url: string; caBundle: string }) => ({
  name: 'colours.example.com',
  clientConfig,
  rules: [configMaps],
  ...here(place),
  matchConditions: [{ name: 'not-the-cluster', expression: "object.metadata.name != 'kube-root-ca.crt'" }],
  failurePolicy: 'Fail',
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
});

const made = (place: Place, data: Record<string, string>) =>
  place.api.ask({
    method: 'POST',
    path: `/api/v1/namespaces/${place.namespace}/configmaps?dryRun=All`,
    body: { metadata: { name: 'map' }, data },
  });

export const webhooks: Check[] = [
  {
    what: 'a webhook changes what is made, another one judges what has come of it, in its own words',
    run: (place) =>
      withWebhooks({ '/colour': colour, '/judge': noRed }, async (at) => {
        const name = place.named('colours');
        await place.create('MutatingWebhookConfiguration', name, { webhooks: [hook(place, at('/colour'))] });
        await until(
          'a map that was given its colour',
          async () => (await made(place, { size: '1' })).text.includes('"colour":"red"') || undefined,
          patience,
        );
        await place.create('ValidatingWebhookConfiguration', name, { webhooks: [hook(place, at('/judge'))] });
        const refused = async () => {
          const { status, text } = await made(place, { size: '1' });
          return (status === 418 && text.includes('no more red')) || undefined;
        };
        await until('a map that is refused for the colour that it was given', refused, patience);
        const blue = await made(place, { colour: 'blue' });
        expect(blue.status).toBe(201);
        expect(String(blue.headers['warning'])).toContain('of one');
      }),
  },
  {
    what: 'a webhook converts the objects of a kind of one’s own between its versions',
    run: (place) =>
      withWebhooks({ '/convert': converted }, async (at) => {
        const path = await defined(place, ['v1', 'v2']);
        const [, , group = ''] = path.split('/');
        const body = { apiVersion: `${group}/v1`, kind: 'Widget', metadata: { name: 'one' }, spec: { size: 2 } };
        expect((await place.api.ask({ method: 'POST', path, body })).status).toBe(201);
        const webhook = { clientConfig: at('/convert'), conversionReviewVersions: ['v1'] };
        await place.patch('CustomResourceDefinition', `widgets.${group}`, {
          spec: { conversion: { strategy: 'Webhook', webhook } },
        });
        const other = `${path.replace('/v1/', '/v2/')}/one`;
        await until(
          'the object in its other version, as the webhook has made it',
          async () => (await place.api.ask({ path: other })).text.includes('"most":7') || undefined,
          patience,
        );
        expect((await place.api.ask({ path: `${path}/one` })).text).toContain('"most":10');
      }),
  },
];

/** To its second version an object goes with another number. */
const converted: Verdict = ({ desiredAPIVersion, objects }) => ({
  result: { status: 'Success' },
  convertedObjects: objects.map((object) => ({
    ...object,
    apiVersion: desiredAPIVersion,
    ...(desiredAPIVersion.endsWith('/v2') && { spec: { size: 2, most: 7 } }),
  })),
});
