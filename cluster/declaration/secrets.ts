import type { PathStep } from './problem.ts';

/** Forms that are a secret wherever they stand, and what to call them. Repetitions are bounded: texts of 1 MiB are searched. */
const forms: { name: string; pattern: RegExp }[] = [
  { name: 'a private key', pattern: /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/ },
  { name: 'a JSON Web Token', pattern: /\beyJ[\w-]{8,400}\.eyJ[\w-]{8,}\./ },
  { name: 'a Vault token', pattern: /\bhv[sbr]\.[\w-]{20,}/ },
  { name: 'a Vault token', pattern: /\bs\.[A-Za-z0-9]{24}\b/ },
  { name: 'a GitHub token', pattern: /\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/ },
  { name: 'a GitLab token', pattern: /\bglpat-[\w-]{20}/ },
  { name: 'an AWS access key', pattern: /\b(AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { name: 'a Google API key', pattern: /\bAIza[\w-]{35}/ },
  { name: 'a Slack token', pattern: /\bxox[abeprs]-[\w-]{10,}/ },
  { name: 'a webhook address with its secret', pattern: /hooks\.slack\.com\/(services|workflows)\/\w/ },
  { name: 'an age key', pattern: /AGE-SECRET-KEY-1[0-9A-Z]{20,}/ },
  { name: 'a bootstrap token', pattern: /^[a-z0-9]{6}\.[a-z0-9]{16}$/ },
  { name: 'a password in an address', pattern: /:\/\/[^\s/:@]{0,100}:[^\s/@]{1,200}@/ },
];

const secretName =
  /(^|[_.-])(password|passwd|passphrase|secret|secrets|token|credential|credentials|encryption[_.-]?key|private[_.-]?key|api[_.-]?key|access[_.-]?key|ssh[_.-]?key)$/i;

/** Fields that hold fingerprints, references or public text, which look random but are no secrets. */
const publicNames = new Set([
  'host_key',
  'credentials_secret',
  'url_secret',
  'secret_name',
  'images',
  'audit_log_policy',
]);

/** What everybody may read, and what looks random. */
const certificates = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g;

/** Whether a field of this name is made to hold a secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name) && !publicNames.has(name);
}

/** What kind of secret a text holds, by form or by its randomness; undefined for none. */
export function secretIn(text: string, steps: readonly PathStep[] = []): string | undefined {
  const form = forms.find(({ pattern }) => pattern.test(text));
  if (form !== undefined) return form.name;
  if (steps.some((step) => typeof step === 'string' && publicNames.has(step))) return undefined;
  const rest = text.replaceAll(certificates, '');
  return rest.split(/[\s"'`=:,;(){}[\]]+/).some(looksRandom) ? 'a long random text' : undefined;
}

/** Whether a value must not be echoed: it is a secret, or it stands in a field that is named like one. */
export function looksSecret(value: unknown, steps: readonly PathStep[] = []): boolean {
  const name = steps.findLast((step) => typeof step === 'string');
  if (typeof name === 'string' && isSecretName(name)) return true;
  return typeof value === 'string' && secretIn(value, steps) !== undefined;
}

function looksRandom(word: string): boolean {
  if (word.length < 32 || !/^[A-Za-z0-9+/_-]+$/.test(word)) return false;
  if (!/[a-z]/.test(word) || !/[A-Z]/.test(word) || !/\d/.test(word)) return false;
  return entropy(word) >= 4.3;
}

/** Shannon entropy in bits per character. */
function entropy(word: string): number {
  const counts = new Map<string, number>();
  for (const character of word) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => {
    const share = count / word.length;
    return sum - share * Math.log2(share);
  }, 0);
}
