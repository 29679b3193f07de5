import { z } from 'zod';
import { checked, placed, repeated, strict } from './field.ts';
import { isDnsLabel } from './kubernetes-names.ts';
import { poolKubeletSchema, poolKubeProxySchema } from './node-component-schema.ts';
import { labelsSchema, taintsSchema } from './node-schema.ts';
import type { Finding } from './problem.ts';

const poolSchema = strict({
  name: checked(z.string(), nameFinding).describe('Name of the pool, as in `nodes[].pool`.'),
  labels: labelsSchema.describe('Labels of the Node objects; of two with one name the node’s own holds.'),
  taints: taintsSchema.describe('Taints of the Node objects; of two with one key and effect the node’s own holds.'),
  kubelet: poolKubeletSchema.prefault({}).describe('What lies over `options.kubelet` on these nodes.'),
  'kube-proxy': poolKubeProxySchema.prefault({}).describe('What lies over `options.kube-proxy` on these nodes.'),
});

/** `pools`: nodes with settings of their own, by name. */
export const poolsSchema = placed(z.array(poolSchema).max(100), (pools) => repeated(pools, 'name', twice));

const twice: Finding = {
  code: 'duplicate',
  want: 'each name once',
  hint: 'nodes say by the name which pool is theirs',
};

function nameFinding(text: string): Finding | undefined {
  if (isDnsLabel(text)) return undefined;
  return { code: 'invalid-name', want: 'a-z, 0-9 and hyphens', hint: 'at most 63 characters, for example: gpu' };
}
