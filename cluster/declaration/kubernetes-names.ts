import type { Finding } from './problem.ts';

const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const qualified = /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/;

/** Whether a text is a DNS label of RFC 1123: lower-case letters, digits, hyphens, at most 63. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && label.test(text);
}

/** Whether a text is a DNS subdomain of RFC 1123: labels joined by dots, at most 253 characters. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => label.test(part));
}

/** What keeps a text from being a name that a node can have (RFC 1123 subdomain, each label at most 63 characters). */
export function hostNameFinding(text: string): Finding | undefined {
  const reason = hostNameReason(text);
  return reason === undefined
    ? undefined
    : { code: 'invalid-hostname', want: 'a host name of RFC 1123: a-z, 0-9, hyphens and dots', hint: reason };
}

function hostNameReason(text: string): string | undefined {
  if (text === '') return 'leave the field out to use the address as name';
  const foreign = /[^a-z0-9.-]/u.exec(text)?.[0];
  if (foreign !== undefined && /[A-Z]/.test(foreign)) return 'Kubernetes node names are lower-case';
  if (foreign !== undefined) return `invalid character ${characterName(foreign)}`;
  if (text.endsWith('.')) return 'a trailing dot is not allowed';
  if (text.length > 253) return `${text.length} characters, at most 253 are allowed`;
  const long = text.split('.').find((part) => part.length > 63);
  if (long !== undefined) return `a label of ${long.length} characters, at most 63 are allowed`;
  return isDnsSubdomain(text) ? undefined : 'each part between dots begins and ends with a letter or a digit';
}

/** A character for people: itself when it is printable ASCII, else its code point. */
export function characterName(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code > 0x20 && code < 0x7f ? character : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** What is wrong with the key of a label, annotation or taint: `[prefix/]name`. */
export function qualifiedNameFinding(text: string): Finding | undefined {
  const [name = '', prefix, ...more] = text.split('/').toReversed();
  if (more.length > 0) return keyFinding('at most one slash');
  if (prefix !== undefined && !isDnsSubdomain(prefix)) return keyFinding('the part before the slash is a DNS name');
  if (name.length > 63) return keyFinding(`the name has ${name.length} characters, at most 63 are allowed`);
  return qualified.test(name)
    ? undefined
    : keyFinding('letters, digits, -, _ and ., beginning and ending with a letter or digit');
}

const keyFinding = (hint: string): Finding => ({ code: 'invalid-key', want: 'a Kubernetes key: [prefix/]name', hint });

/** What is wrong with the value of a label or a taint. */
export function labelValueFinding(text: string): Finding | undefined {
  const want = 'a Kubernetes label value';
  if (text.length > 63)
    return { code: 'invalid-label-value', want, hint: `${text.length} characters, at most 63 are allowed` };
  if (text === '' || qualified.test(text)) return undefined;
  const hint = 'letters, digits, -, _ and ., beginning and ending with a letter or digit; or empty';
  return { code: 'invalid-label-value', want, hint };
}
