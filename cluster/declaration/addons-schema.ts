import { z } from 'zod';
import { knownAddons } from './addons.ts';
import { checked, matching, placed, repeated, strict } from './field.ts';
import { imageFinding } from './image-reference.ts';
import { isDnsLabel } from './kubernetes-names.ts';
import type { Finding } from './problem.ts';

const known = Object.keys(knownAddons).join(', ');

const addonSchema = placed(
  strict({
    name: checked(z.string(), nameFinding).describe(`Name of the add-on; ${known} have a default source.`),
    source: checked(z.string(), sourceFinding)
      .exactOptional()
      .describe('`https://…`, or a file on the machine that applies; manifests in YAML or JSON.'),
    sha256: matching(/^[0-9a-f]{64}$/, {
      want: '64 hexadecimal digits, lower case',
      hint: 'what sha256sum says of the manifests',
    }).describe('SHA-256 of the manifests: other ones are refused.'),
    images: z
      .record(z.string().min(1).max(512), checked(z.string(), imageFinding))
      .default({})
      .describe('Images by those that the manifests name and whose place they take.'),
  }),
  ({ name, source }) => (source === undefined && !(name in knownAddons) ? [{ at: ['source'], finding: unknown }] : []),
);

/** `addons`: manifests of others, by name. */
export const addonsSchema = placed(z.array(addonSchema).max(50), (addons) => repeated(addons, 'name', twice));

const twice: Finding = {
  code: 'duplicate',
  want: 'each name once',
  hint: 'the name says which objects belong together',
};

const unknown: Finding = {
  code: 'missing-field',
  want: `a source; only ${known} have a default one`,
  hint: 'an address or a file; of a Helm chart (cilium, for one) the file that helm template prints',
};

function nameFinding(text: string): Finding | undefined {
  return isDnsLabel(text)
    ? undefined
    : { code: 'invalid-name', want: 'a-z, 0-9 and hyphens', hint: 'it becomes part of an annotation' };
}

function sourceFinding(text: string): Finding | undefined {
  const isAddress = text.includes('://');
  const valid = isAddress ? /^https?:\/\//.test(text) && URL.canParse(text) : !/\p{Cc}/u.test(text) && text !== '';
  return valid && text.length <= 2000
    ? undefined
    : { code: 'invalid-source', want: 'https://… or a path', hint: 'where the manifests are' };
}
