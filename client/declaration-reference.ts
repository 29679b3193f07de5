import { z } from 'zod';
import { defaultImages, imageNames } from '../cluster/declaration/images.ts';
import { declarationSchema } from '../cluster/declaration/schema.ts';
import { defaultKubernetesVersion, supportedMinors } from '../cluster/declaration/versions.ts';

type Schema = z.core.JSONSchema.JSONSchema;

interface Section {
  /** Where the fields stand: `nodes[].ssh`. */
  path: string;
  about: string;
  schema: Schema;
}

const tableHead = ['| Field | Type | Default | Meaning |', '| --- | --- | --- | --- |'];
const commonFields = ['extra_args', 'extra_binds', 'extra_env'];

/** docs/declaration.md, made from the schema. */
export function declarationReference(): string {
  const root = z.toJSONSchema(declarationSchema, { io: 'input', unrepresentable: 'any' });
  const sections = sectionsOf({ path: '', about: '', schema: root });
  return `${[introduction, ...sections.map(sectionText), serviceParams(root), images, judgement].join('\n\n')}\n`;
}

/** The section of an object and, after it, those of the objects inside it. */
function sectionsOf(section: Section): Section[] {
  const inner = fieldsOf(section).flatMap(([name, schema]) => {
    const path = section.path === '' ? name : `${section.path}.${name}`;
    const item = schema.type === 'array' && isSchema(schema.items) ? schema.items : undefined;
    const nested = item ?? schema;
    if (nested.properties === undefined || isKubernetesOwn(nested)) return [];
    const about = schema.description ?? nested.description ?? '';
    return sectionsOf({ path: item === undefined ? path : `${path}[]`, about, schema: nested });
  });
  return section.path === 'options' ? inner : [section, ...inner];
}

function fieldsOf({ path, schema }: Section): [string, Schema][] {
  const isComponent = isComponentPath(path);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) =>
    !isSchema(field) || (isComponent && commonFields.includes(name)) ? [] : [[name, field]],
  );
}

/** What has the fields that all components share: they are told of once. */
function isComponentPath(path: string): boolean {
  return /^options\.[^.]+$/.test(path) || /^pools\[\]\.kube(let|-proxy)$/.test(path);
}

function sectionText(section: Section): string {
  const heading = section.path === '' ? '## Top level' : `## \`${section.path}\``;
  const note = isComponentPath(section.path) ? 'And the fields of every component, below.' : '';
  const fields = fieldsOf(section);
  const rows = fields.map(([name, field]) => row({ name, field, required: section.schema.required ?? [] }));
  const table = fields.length === 0 ? [] : [[...tableHead, ...rows].join('\n')];
  return [heading, [section.about, note].filter((text) => text !== '').join(' '), ...table]
    .filter((text) => text !== '')
    .join('\n\n');
}

function row({ name, field, required }: { name: string; field: Schema; required: string[] }): string {
  const fallback = required.includes(name) ? '**required**' : defaultText(field.default);
  return `| \`${name}\` | ${typeText(field)} | ${fallback} | ${cell(field.description ?? '')} |`;
}

function typeText(field: Schema): string {
  if (field.enum !== undefined) return field.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (field.type === 'array') return isSchema(field.items) ? `list of ${plural(typeText(field.items))}` : 'list';
  if (field.type === 'integer' || field.type === 'number') return `number${range(field)}`;
  if (field.properties !== undefined && 'matchLabels' in field.properties) return 'label selector';
  if (field.type === 'object') return 'mapping';
  return field.type === 'string' ? 'text' : String(field.type ?? 'any');
}

function plural(type: string): string {
  return type.startsWith('`') ? type : `${type.replace(/^list of /, 'lists of ')}s`;
}

function range({ minimum, maximum }: Schema): string {
  if (minimum === undefined || maximum === undefined || maximum > 1e9) return '';
  return `, ${minimum}–${maximum}`;
}

function defaultText(value: unknown): string {
  if (value === undefined || value === '') return '';
  const text = JSON.stringify(value);
  return text === '{}' || text === '[]' ? '' : `\`${cell(text.replaceAll('"', ''))}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A form of Kubernetes' own, which its own reference describes: configuration documents, label selectors. */
function isKubernetesOwn({ properties = {} }: Schema): boolean {
  return ('apiVersion' in properties && 'kind' in properties) || 'matchLabels' in properties;
}

/** The fields that all components share, once. */
function serviceParams(root: Schema): string {
  const rivers = inside(root, ['options', 'rivers']);
  const { items: mount } = inside(rivers, ['extra_binds']);
  if (!isSchema(mount)) throw new TypeError('extra_binds is no list');
  const rows = commonFields.map((name) => row({ name, field: inside(rivers, [name]), required: [] }));
  const about =
    'What every component has. Flags that the program sets itself, and flags that put data or safety at risk, are refused.';
  return [
    '## `options.<component>`',
    about,
    [...tableHead, ...rows].join('\n'),
    sectionText({ path: 'options.<component>.extra_binds[]', about: '', schema: mount }),
  ].join('\n\n');
}

function inside(schema: Schema, names: string[]): Schema {
  return names.reduce((outer, name) => {
    const inner = outer.properties?.[name];
    if (!isSchema(inner)) throw new TypeError(`the schema has no ${name}`);
    return inner;
  }, schema);
}

const introduction = `# The declaration: cluster.yaml

<!-- Made from the schema by \`node client/generate-declaration-reference.ts\`. Edits here are lost. -->

One YAML 1.2 (or JSON) document per cluster, at most 1 MiB. \`cke-client validate FILE\` checks it without any server and names all problems
at once; \`--output yaml\` shows it with every default filled in. CKE's own \`cluster.yml\` is accepted as it is; forms of older releases
are understood, with a warning that names the new one. Unknown fields, duplicate keys, YAML tags and anything that looks like a secret are
refused. Complete files: [examples/demo.yaml](../examples/demo.yaml), [examples/production.yaml](../examples/production.yaml).`;

const images = `## Images

Kubernetes ${supportedMinors.join(', ')} are supported. Without \`images\`, Kubernetes ${defaultKubernetesVersion} uses:

| Image | Default |
| --- | --- |
${imageNames.map((name) => `| \`${name}\` | \`${defaultImages(defaultKubernetesVersion)[name]}\` |`).join('\n')}

\`registry_mirror\` takes the place of the registry: \`registry.example.com/k8s\` makes \`registry.k8s.io/kube-proxy:v${defaultKubernetesVersion}\` into
\`registry.example.com/k8s/kube-proxy:v${defaultKubernetesVersion}\`; short names of Docker Hub get their full path (\`library/haproxy\`). An override is taken as it
stands.`;

const judgement = `## What cannot be changed later

\`name\`, \`service_subnet\`, \`pod_subnet\` and \`node_cidr_mask_size\` (once there is a pod subnet), \`cluster_dns_address\`, the kubelet's \`clusterDomain\` and
etcd's \`volume_name\`. Some fields of a KubeletConfiguration not while kubelet runs on the node ([which, and how](operations.md#node-pools)). \`kubernetes_version\` goes up by at most one minor at a time and never down. Of the present control planes a majority
must stay: replace one at a time.`;
