import { ApiException } from '@kubernetes/client-node';
import { CkeError, type ErrorCode, type Remedy } from '../../cluster/errors.ts';

/**
 * What an error of a request says. `unavailable`: this API server did not answer, or not now: another may. `missing`,
 * `conflict` and `refused` are answers, the same from every server.
 */
export interface KubernetesFailure {
  kind: 'unavailable' | 'missing' | 'conflict' | 'refused';
  because: string;
  remedy: Remedy;
}

/** Reads an error of the Kubernetes client or of the transport. */
export function classifyKubernetesError(error: unknown): KubernetesFailure {
  if (!(error instanceof ApiException)) return { kind: 'unavailable', because: transportText(error), remedy: 'retry' };
  const because = `${error.code} ${statusMessage(error.body)}`.trim();
  if (error.code === 429 || error.code >= 500) return { kind: 'unavailable', because, remedy: 'retry' };
  if (error.code === 404) return { kind: 'missing', because, remedy: 'retry' };
  if (error.code === 409) return { kind: 'conflict', because, remedy: 'retry' };
  return { kind: 'refused', because, remedy: [400, 401, 422].includes(error.code) ? 'never' : 'retry' };
}

/** The error that people and Temporal see. `what` is the deed, e.g. `applying ClusterRole/x`. */
export function kubernetesError(what: string, { kind, because, remedy }: KubernetesFailure): CkeError {
  const code: ErrorCode = kind === 'unavailable' ? 'KubernetesUnavailable' : 'KubernetesRefused';
  const said = kind === 'unavailable' ? 'no API server answers' : 'the API server refuses';
  return new CkeError({ code, message: `${what}: ${said}`, got: because, remedy });
}

/** Whether the object that was asked for is not there. */
export function isMissing(error: unknown): boolean {
  return classifyKubernetesError(error).kind === 'missing';
}

function statusMessage(body: unknown): string {
  const message =
    typeof body === 'object' && body !== null ? (Reflect.get(body, 'message') as unknown) : messageOf(body);
  return typeof message === 'string' ? oneLine(message) : '';
}

/** The library hands the body of a refusal over as text. */
function messageOf(body: unknown): unknown {
  if (typeof body !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'message') : undefined;
  } catch {
    return body;
  }
}

function transportText(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time';
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' && !error.message.includes(code)
    ? `${code} ${oneLine(error.message)}`
    : oneLine(error.message);
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
