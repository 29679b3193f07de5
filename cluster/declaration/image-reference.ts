import type { Finding } from './problem.ts';
import { parseVersion, type Version } from './versions.ts';

/** The parts of an image reference. */
export interface ImageReference {
  /** Host of the registry, with its port; absent for Docker Hub's short names. */
  registry?: string;
  repository: string;
  tag?: string;
  digest?: string;
}

const registryPattern =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/;
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;

/** Reads a reference by the grammar of the distribution project; undefined when it does not follow it. */
export function parseImageReference(text: string): ImageReference | undefined {
  const [named = '', digest, ...more] = text.split('@');
  if (more.length > 0 || (digest !== undefined && !digestPattern.test(digest)) || text.length > 512) return undefined;
  const slash = named.lastIndexOf('/');
  const colon = named.lastIndexOf(':');
  const tag = colon > slash ? named.slice(colon + 1) : undefined;
  const name = colon > slash ? named.slice(0, colon) : named;
  if (tag !== undefined && !tagPattern.test(tag)) return undefined;
  const [first = '', ...rest] = name.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost' || first.startsWith('['));
  if (hasRegistry && !registryPattern.test(first)) return undefined;
  const repository = hasRegistry ? rest : [first, ...rest];
  if (!repository.every((part) => component.test(part))) return undefined;
  return {
    ...(hasRegistry && { registry: first }),
    repository: repository.join('/'),
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** Version in the tag of an image; undefined for one that is named by its digest alone. */
export function versionOfImage(image: string | undefined): Version | undefined {
  return parseVersion(parseImageReference(image ?? '')?.tag ?? '');
}

/** What is wrong with an image override: form, and a tag or digest to hold on to. */
export function imageFinding(text: string): Finding | undefined {
  const reference = parseImageReference(text);
  if (reference === undefined)
    return {
      code: 'invalid-image',
      want: '[registry/]repository[:tag][@sha256:…]',
      hint: 'reference grammar: lower-case path without .., a digest has 64 hexadecimal digits',
    };
  if (reference.digest !== undefined) return undefined;
  if (reference.tag === undefined || reference.tag === 'latest')
    return {
      code: 'floating-image',
      want: 'a tag that names a version, or a digest',
      hint: 'without it every node could run something else',
    };
  return undefined;
}

/** What is wrong with a registry mirror: `host[:port][/path]`. */
export function mirrorFinding(text: string): Finding | undefined {
  const [host = '', ...path] = text.split('/');
  const known = /[.:]/.test(host) || host === 'localhost' || path.length === 0;
  if (text.length <= 256 && registryPattern.test(host) && known && path.every((part) => component.test(part)))
    return undefined;
  return {
    code: 'invalid-mirror',
    want: 'host[:port][/path], such as registry.example.com/k8s',
    hint: 'no https://, no slash at the end, no tag',
  };
}

/** What is wrong with the name of a registry: `host[:port]`. */
export function registryFinding(text: string): Finding | undefined {
  if (text.length <= 256 && registryPattern.test(text) && (/[.:]/.test(text) || text === 'localhost')) return undefined;
  return {
    code: 'invalid-registry',
    want: 'host[:port], such as registry.example.com:5000',
    hint: 'as in the names of its images: no https://, no path',
  };
}

/** The reference with its registry replaced by a mirror; short names of Docker Hub get their full path. */
export function mirrored(text: string, mirror: string): string {
  const reference = parseImageReference(text);
  if (reference === undefined) return text;
  const { registry, repository, tag, digest } = reference;
  const path = registry === undefined && !repository.includes('/') ? `library/${repository}` : repository;
  return `${mirror}/${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}
