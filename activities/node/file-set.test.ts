import { describe, expect, test } from 'vitest';
import { CkeError } from '../../cluster/errors.ts';
import { generationOf, type FileSet } from './file-set.ts';

const set: FileSet = {
  component: 'kube-apiserver',
  root: '/etc/kubernetes',
  files: [
    { path: '/etc/kubernetes/pki/apiserver.key', mode: '0600', bytes: Buffer.from('key') },
    { path: '/etc/kubernetes/kubeconfig', mode: '0644', bytes: Buffer.from('text') },
  ],
  manifest: { digest: 'abcdef0123456789', certificates: [] },
  by: { cluster: 'demo', epoch: 7 },
};

describe('a generation', () => {
  const { name, entries } = generationOf(set);
  const home = '/host/etc/kubernetes/.sets/kube-apiserver';
  const textOf = (file: string) => {
    const found = entries.find((entry) => entry.name === `${home}/${name}/${file}`);
    return found?.type === 'file' ? found.bytes.toString() : undefined;
  };

  test('is named after its digest, and is new each time', () => {
    expect(name).toMatch(/^\.\.gen-abcdef01-[0-9a-f]{8}$/);
    expect(generationOf(set).name).not.toBe(name);
  });

  test('asks for its publication last: an upload that is cut off asks for nothing', () => {
    expect(entries.at(-1)).toMatchObject({ name: `${home}/..pending`, bytes: Buffer.from(`${name}\n`) });
    expect(entries.findIndex(({ name: path }) => path.endsWith('.sums'))).toBe(entries.length - 2);
  });

  test('has every directory before what is in it', () => {
    const seen = new Set(['/host/etc/kubernetes']);
    for (const { type, name: path } of entries) {
      expect(seen).toContain(path.slice(0, path.lastIndexOf('/')));
      if (type === 'directory') seen.add(path);
    }
  });

  test('tells the script where its files are to be seen', () => {
    expect(textOf('.paths')).toBe(
      'pki/apiserver.key ../.sets/kube-apiserver/..data/pki/apiserver.key\nkubeconfig .sets/kube-apiserver/..data/kubeconfig\n',
    );
    expect(textOf('.sums')).toContain(
      '2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683  pki/apiserver.key\n',
    );
  });

  test('keeps modes, and hides what is not for readers', () => {
    const modes = entries.flatMap((entry) =>
      entry.type === 'file' ? [[entry.name.split('/').pop(), entry.mode]] : [],
    );
    expect(Object.fromEntries(modes)).toEqual({
      'apiserver.key': 0o600,
      kubeconfig: 0o644,
      'manifest.json': 0o600,
      '.paths': 0o600,
      '.epoch': 0o600,
      '.modes': 0o600,
      '.sums': 0o600,
      '..pending': 0o600,
    });
  });
});

test.each([
  '/etc/shadow',
  '/etc/kubernetes',
  '/etc/kubernetes/../shadow',
  '/etc/kubernetes/.sets/other/..data',
  '/etc/kubernetes/.hidden',
  '/etc/kubernetes/kubelet/..data/x',
  '/etc/kubernetes/two words',
  '/etc/kubernetes/a\nb',
  '/etc/kubernetes/manifest.json',
  'relative',
])('%j cannot be a file of the set', (path) => {
  const files = [{ path, mode: '0600' as const, bytes: Buffer.from('x') }];
  expect(() => generationOf({ ...set, files })).toThrow(CkeError);
});
