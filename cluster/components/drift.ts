import { canonicalJson } from '../canonical.ts';
import { list, listDrift, quoted, shorten } from './drift-text.ts';
import { fileDrift } from './file-drift.ts';
import { specText, type BindMount, type ComponentSpec, type ContainerSpec } from './spec.ts';

/** Longest explanation: it stands in step titles, in history, and on one line of a terminal. */
const longest = 160;

/**
 * Why a container with this label is not what is wanted: the fields that differ, from → to, in at most 160 characters;
 * undefined when nothing differs. How long a certificate lives and when it is renewed is no matter of the container's: it is not compared.
 */
export function explainDrift(wanted: ComponentSpec, labelJson: string | undefined): string | undefined {
  if (labelJson === undefined) return 'it does not say which specification it was made from';
  if (labelJson === specText(wanted)) return undefined;
  const made = parseSpec(labelJson);
  if (made === undefined) return 'its specification can’t be read';
  if (comparable(made) === comparable(wanted)) return undefined;
  const differences = [...containerDrift(made.container, wanted.container), ...fileDrift(made.files, wanted.files)];
  return shorten(differences.length === 0 ? 'its specification has another form' : differences.join('; '), longest);
}

/** The spec in a container's label; undefined for a text that is not as this program writes it. */
export function parseSpec(text: string): ComponentSpec | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isSpec(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Labels are ours, of this version or another: what the comparison walks through must be there. */
function isSpec(value: unknown): value is ComponentSpec {
  if (typeof value !== 'object' || value === null || !('container' in value) || !('files' in value)) return false;
  const { container, files } = value;
  if (typeof container !== 'object' || container === null || !Array.isArray(files)) return false;
  return ['command', 'mounts', 'tmpfs'].every((field) => Array.isArray(Reflect.get(container, field)));
}

function comparable(spec: ComponentSpec): string {
  const files = spec.files.map((file) =>
    'certificate' in file
      ? { ...file, certificate: { ...file.certificate, lifetimeHours: 0, renewBeforeHours: 0 } }
      : file,
  );
  return canonicalJson({ ...spec, files });
}

function containerDrift(made: ContainerSpec, wanted: ContainerSpec): string[] {
  return [
    ...scalarDrift('image', made.image, wanted.image),
    ...listDrift('args', made.command, wanted.command, argumentName),
    ...envDrift(made.env ?? {}, wanted.env),
    ...listDrift(
      'mounts',
      made.mounts.map(mountText),
      wanted.mounts.map(mountText),
      (text) => text.split(' ')[0] ?? '',
    ),
    ...listDrift('tmpfs', made.tmpfs, wanted.tmpfs, (text) => text),
    ...scalarDrift('privilege', made.privilege, wanted.privilege),
    ...scalarDrift('pid', made.pid, wanted.pid),
    ...scalarDrift('restart', made.restart, wanted.restart),
    ...scalarDrift('stop_seconds', made.stop_seconds, wanted.stop_seconds),
  ];
}

function scalarDrift(field: string, made: string | number, wanted: string | number): string[] {
  return made === wanted ? [] : [`${field}: ${quoted(String(made))} → ${quoted(String(wanted))}`];
}

function argumentName(argument: string): string {
  return argument.split('=')[0] ?? '';
}

/** Values of the environment stay out of sight: users put what they like there. */
function envDrift(made: Record<string, string>, wanted: Record<string, string>): string[] {
  const names = new Set([...Object.keys(made), ...Object.keys(wanted)]);
  const changed = [...names].filter((name) => made[name] !== wanted[name]);
  return changed.length === 0 ? [] : [`env: ${list(changed)} changed`];
}

function mountText({ source, destination, access, propagation, source_kind }: BindMount): string {
  const words = [destination, `from ${source}`, access, propagation, source_kind];
  return words.filter((word) => word !== undefined).join(' ');
}
