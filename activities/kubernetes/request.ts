import { ApiException, HttpMethod, RequestContext, type PromiseHttpLibrary } from '@kubernetes/client-node';

/** A request as the API server gets it: the client library's own drop fields that they don't know. */
export interface ApiRequest {
  method: 'GET' | 'PATCH' | 'DELETE';
  /** With its query. */
  path: string;
  accept?: string;
  contentType?: string;
  body?: unknown;
}

/** The JSON of an answer. Throws ApiException for a refusal, and what the transport throws. */
export type SendRequest = (request: ApiRequest) => Promise<unknown>;

/** Requests to one API server. */
export function requestsTo(baseUrl: string, transport: PromiseHttpLibrary): SendRequest {
  return async ({ method, path, accept = 'application/json', contentType, body }) => {
    const context = new RequestContext(`${baseUrl}${path}`, HttpMethod[method]);
    context.setHeaderParam('Accept', accept);
    if (body !== undefined) {
      context.setHeaderParam('Content-Type', contentType ?? 'application/json');
      context.setBody(JSON.stringify(body));
    }
    const answer = await transport.send(context);
    const text = await answer.body.text();
    if (answer.httpStatusCode >= 300) throw new ApiException(answer.httpStatusCode, 'refused', text, answer.headers);
    return JSON.parse(text) as unknown;
  };
}
