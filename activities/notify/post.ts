import { createHmac } from 'node:crypto';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { CkeError } from '../../cluster/errors.ts';
import { webhookTarget } from './target.ts';

/** One call: connecting, sending, and an answer of at most this length. */
const deadlineMilliseconds = 5_000;
const longestAnswer = 64 * 1024;

export interface Delivery {
  /** Name of the webhook, for people. */
  name: string;
  url: string;
  /** Absent: the call is not signed. */
  signingKey?: string;
  /** The same for every attempt: a receiver can tell a repetition. */
  id: string;
  event: string;
  body: string;
  /** Milliseconds since 1970, part of what is signed. */
  now: number;
  /** PEM of an authority to trust beside the system's. */
  ca?: string;
}

/**
 * Posts JSON to a webhook: no redirects, 5 s, signed as `CKE-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`.
 * @throws CkeError NotificationFailed; the address is not in its text, since it may hold a token
 */
export async function post(delivery: Delivery): Promise<void> {
  const { name, body, ca } = delivery;
  const { url, lookup } = await webhookTarget(name, delivery.url);
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  await new Promise<void>((resolve, reject) => {
    const signal = AbortSignal.timeout(deadlineMilliseconds);
    const call = send(url, {
      method: 'POST',
      headers: headersOf(delivery),
      lookup,
      signal,
      agent: false,
      ...(ca && { ca }),
    });
    const fail = (because: string) => reject(failed(name, because));
    call.once('error', (error: NodeJS.ErrnoException) =>
      fail(signal.aborted ? noAnswer : (error.code ?? 'the connection broke')),
    );
    call.once('response', (response) => {
      const { statusCode = 0 } = response;
      read(response).then(
        () => (statusCode >= 200 && statusCode < 300 ? resolve() : reject(answered(name, statusCode))),
        (error: Error) => fail(signal.aborted ? noAnswer : error.message),
      );
    });
    call.end(body);
  });
}

const noAnswer = `no answer within ${deadlineMilliseconds / 1000} s`;

function headersOf({ body, id, event, signingKey, now }: Delivery): Record<string, string | number> {
  const at = Math.floor(now / 1000);
  return {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'cke',
    'cke-event': event,
    'cke-delivery': id,
    ...(signingKey !== undefined && { 'cke-signature': `t=${at},v1=${signatureOf({ signingKey, at, body })}` }),
  };
}

/** What a receiver computes to check a call. */
export function signatureOf({ signingKey, at, body }: { signingKey: string; at: number; body: string }): string {
  return createHmac('sha256', signingKey).update(`${at}.${body}`).digest('hex');
}

async function read(response: IncomingMessage): Promise<void> {
  let length = 0;
  for await (const chunk of response) {
    length += Buffer.byteLength(chunk as Buffer);
    if (length <= longestAnswer) continue;
    response.destroy();
    throw new Error(`its answer is longer than ${longestAnswer / 1024} KiB`);
  }
}

/** A refusal stays one; what a server can't do now, it may do later. */
function answered(name: string, status: number): CkeError {
  const isRedirect = status >= 300 && status < 400;
  const isPassing = status >= 500 || status === 429 || status === 408;
  return new CkeError({
    code: 'NotificationFailed',
    message: `the webhook ${name} answered ${status}${isRedirect ? ', a redirect, which is not followed' : ''}`,
    want: 'a status from 200 to 299',
    fix: isRedirect ? 'configure the address that it leads to' : `look at the log of the receiver of ${name}`,
    remedy: isPassing ? 'retry' : 'never',
  });
}

function failed(name: string, because: string): CkeError {
  return new CkeError({
    code: 'NotificationFailed',
    message: `the webhook ${name} could not be called: ${because}`,
    fix: `see that its receiver runs and can be reached from the worker's machine`,
    remedy: 'retry',
  });
}
