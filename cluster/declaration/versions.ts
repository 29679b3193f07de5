/** Kubernetes minors that this program builds and keeps. */
export const supportedMinors = ['1.33', '1.34', '1.35'] as const;

/** What a declaration without `kubernetes_version` gets. */
export const defaultKubernetesVersion = '1.34.4';

export interface Version {
  major: number;
  minor: number;
  patch: number;
}

/** The first three numbers of a version such as `1.34.4`, `v3.6.16` or `3.6.11.1`; undefined when it has none. */
export function parseVersion(text: string): Version | undefined {
  const match = /^v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})(?![0-9])/.exec(text);
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) };
}

/** `1.34` of a version. */
export function minorOf({ major, minor }: Version): string {
  return `${major}.${minor}`;
}

/** Negative, zero or positive, as `a` is older than, equal to or newer than `b`. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}
