import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { components } from '../../cluster/components/component.ts';
import { componentSpec, componentsOf } from '../../cluster/components/component-spec.ts';
import { byVault, declare } from '../../cluster/decide/testing/fleet.ts';
import { certificateRequest } from '../../cluster/certificates/catalogue.ts';
import {
  certificateKinds,
  type CertificateKind,
  type CertificateRequest,
} from '../../cluster/certificates/certificate.ts';
import { holdings, takesUp } from '../../cluster/certificates/holders.ts';

const declaration = declare({ encryption: byVault });
const [node] = declaration.nodes;
if (node === undefined) throw new Error('no node');

/** Where the specs of a control plane put each kind, without the extension of the file. */
function placesOf(kind: CertificateKind): string[] {
  const files = componentsOf(declaration, node!).flatMap((component) => {
    const membership = { start: 'settled' as const, directory: 'm-1' };
    return componentSpec({ declaration, node: node!, component, ...(component === 'etcd' && { membership }) }).files;
  });
  const ours = files.filter((file) => 'certificate' in file && file.certificate.kind === kind);
  return [...new Set(ours.map(({ path }) => path.replace(/\.(crt|key)$/u, '')))].sort();
}

test.each(certificateKinds)('does a certificate of kind %s land where the catalogue says?', (kind) => {
  const { holder, places } = holdings[kind];
  const isOnNodes = components.some((component) => component === holder);
  expect(placesOf(kind)).toEqual(isOnNodes ? [...places].sort() : []);
});

test('can nobody but root read a key or a kubeconfig?', () => {
  for (const component of componentsOf(declaration, node)) {
    const membership = { start: 'settled' as const, directory: 'm-1' };
    const { files } = componentSpec({
      declaration,
      node: node,
      component,
      ...(component === 'etcd' && { membership }),
    });
    for (const { path, mode, content } of files)
      if (content === 'private-key' || content === 'kubeconfig') expect([path, mode]).toEqual([path, '0600']);
  }
});

function requestOf(kind: CertificateKind): CertificateRequest {
  if (kind === 'webhook')
    return certificateRequest({ kind, declaration, service: { namespace: 'NS', name: 'SERVICE' } });
  if (kind === 'etcd-user') return certificateRequest({ kind, declaration, user: 'NAME' });
  return certificateRequest({ kind, declaration, node: { ...node!, name: 'NODE', address: '192.0.2.1' } });
}

function rowOf(kind: CertificateKind): string[] {
  const { holder, places, lifetime } = holdings[kind];
  const { authority, commonName, organizations, dnsNames, ipAddresses, usages } = requestOf(kind);
  const component = components.find((one) => one === holder);
  return [
    kind,
    authority,
    [commonName, ...organizations.map((name) => `O=${name}`)].join(', '),
    [...dnsNames, ...ipAddresses].map((name) => name.replace('192.0.2.1', 'ADDRESS')).join(' ') || '–',
    usages.join(', '),
    lifetime,
    `${holder}: ${places.join(', ')}`,
    component === undefined ? '–' : takesUp(component),
  ];
}

test('is the table in docs/certificates.md what the catalogue says?', () => {
  const text = readFileSync(new URL('../../docs/certificates.md', import.meta.url), 'utf8');
  const rows = text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim().replaceAll('`', '')),
    );
  expect(rows).toEqual(certificateKinds.map(rowOf));
});
