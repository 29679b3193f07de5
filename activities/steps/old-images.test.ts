import { expect, test } from 'vitest';
import type { ListedContainer } from '../node/docker.ts';
import { needlessImage, previousImage } from './old-images.ts';

const [v1, v2, v3] = ['quay.io/coreos/etcd:v3.6.14', 'quay.io/coreos/etcd:v3.6.15', 'quay.io/coreos/etcd:v3.6.16'];

const standing = (image: string, before?: string) => ({
  image,
  labels: { 'cke.cluster': 'test', ...(before !== undefined && { 'cke.previous-image': before }) },
});
const listed = (name: string, image: string, before?: string): ListedContainer => ({
  id: name,
  name,
  state: 'running',
  upSeconds: 5,
  ...standing(image, before),
});

test.each([
  ['nothing stood there', undefined, v2, undefined],
  ['another image ran', standing(v1), v2, v1],
  ['another image ran, and one before it', standing(v2, v1), v3, v2],
  ['only arguments differ: the image before it is still the one to go back to', standing(v2, v1), v2, v1],
])('what the next container remembers: %s', (_, before, image, remembered) => {
  expect(previousImage(before, image)).toBe(remembered);
});

test.each([
  ['the image before the previous one', standing(v2, v1), [listed('etcd', v3, v2)], v1],
  ['nothing after the first change of the image', standing(v1), [listed('etcd', v2, v1)], undefined],
  ['nothing when only arguments differ', standing(v2, v1), [listed('etcd', v2, v1)], undefined],
  ['nothing when it went back to an older one', standing(v2, v1), [listed('etcd', v1, v2)], undefined],
  [
    'nothing that another component runs on',
    standing(v2, v1),
    [listed('rivers', v3, v2), listed('etcd-rivers', v1)],
    undefined,
  ],
  [
    'nothing that another component may go back to',
    standing(v2, v1),
    [listed('rivers', v3, v2), listed('etcd-rivers', v2, v1)],
    undefined,
  ],
  ['nothing after a container that is not ours', { image: v1, labels: {} }, [listed('etcd', v2, v1)], undefined],
])('what is removed: %s', (_, before, containers, image) => {
  expect(needlessImage(before, containers)).toBe(image);
});
