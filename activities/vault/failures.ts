import { CkeError } from '../../cluster/errors.ts';
import type { Complaint } from '../../cluster/errors.ts';
import { TransportFailure } from './transport.ts';

/** Why one server did not do what was asked, before it becomes an error for people. */
export type Failure =
  | { failed: 'connection'; reason: string; sent: 'no' | 'perhaps' }
  | { failed: 'refusal'; status: number; words: string[] };

/** Reads what node-vault rejected with. The original is dropped: it may hold the token and the request's body. */
export function failureOf(error: unknown): Failure {
  if (error instanceof TransportFailure) {
    return { failed: 'connection', reason: error.reason, sent: error.phase === 'connecting' ? 'no' : 'perhaps' };
  }
  const response = field(error, 'response');
  const status = field(response, 'statusCode');
  if (typeof status !== 'number') return { failed: 'connection', reason: 'unknown', sent: 'perhaps' };
  const errors = field(field(response, 'body'), 'errors');
  return {
    failed: 'refusal',
    status,
    words: Array.isArray(errors) ? errors.filter((word) => typeof word === 'string') : [],
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined;
}

/** Whether another server of the list may be asked without doing something twice. */
export function mayAskAnother(failure: Failure, method: string): 'yes' | 'no' {
  if (failure.failed === 'connection')
    return failure.sent === 'no' || method === 'GET' || method === 'LIST' ? 'yes' : 'no';
  return isElsewhere(failure) || failure.status === 503 ? 'yes' : 'no';
}

/** A standby that does not forward, or a planted redirect: the request was not carried out. */
function isElsewhere({ status }: { status: number }): boolean {
  return (status >= 300 && status < 400) || status === 472 || status === 473;
}

export interface Where {
  /** `https://host:port`. */
  address: string;
  /** API path, without a query. */
  path: string;
}

/** The error that a person reads. Rules: no token, no body, none of Vault's words but about PKI roles (which are public). */
export function vaultError(failure: Failure, where: Where): CkeError {
  return new CkeError(failure.failed === 'connection' ? unreachable(failure.reason, where) : refused(failure, where));
}

function unreachable(reason: string, { address }: Where): Complaint {
  const said = reasons[reason];
  return {
    code: 'VaultUnreachable',
    message: `Vault at ${address} cannot be reached`,
    got: said?.got ?? reason,
    fix:
      said?.fix ??
      `start Vault, or correct vault.addresses in the settings; try it with: vault status -address=${address}`,
    remedy: said?.fix === undefined ? 'retry' : 'never',
  };
}

const wrongAuthority = {
  got: 'its certificate is not signed by the CA of the settings',
  fix: 'make vault.ca_file in the settings the CA that signed Vault’s certificate',
};

const reasons: Record<string, { got: string; fix?: string }> = {
  deadline: { got: 'no answer within the deadline' },
  ECONNREFUSED: { got: 'connection refused' },
  ECONNRESET: { got: 'it closed the connection' },
  EHOSTUNREACH: { got: 'no route to host' },
  ENOTFOUND: { got: 'the host name is not known' },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: wrongAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: wrongAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: wrongAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: wrongAuthority,
  CERT_SIGNATURE_FAILURE: wrongAuthority,
  CERT_HAS_EXPIRED: { got: 'its certificate has expired', fix: 'renew the certificate of Vault’s listener' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    got: 'its certificate is for other names',
    fix: 'put the host of vault.addresses into the certificate of Vault’s listener (subject alternative names)',
  },
};

function refused(failure: Extract<Failure, { failed: 'refusal' }>, where: Where): Complaint {
  const { status, words } = failure;
  const from = `Vault at ${where.address}`;
  if (status === 503 && words.some((word) => word.includes('sealed'))) {
    return {
      code: 'VaultSealed',
      message: `${from} is sealed`,
      got: 'it answers no request until it is unsealed',
      fix: `vault operator unseal -address=${where.address}`,
      remedy: 'retry',
    };
  }
  if (status === 403) {
    return {
      code: 'VaultDenied',
      message: `${from} denied access to ${where.path}`,
      got: 'HTTP 403',
      want: 'a valid token whose policy allows it',
      fix: 'cke-client init CLUSTER, which brings the cluster’s policy and AppRole up to date',
      remedy: 'never',
    };
  }
  return {
    code: 'VaultFailed',
    message: isElsewhere(failure)
      ? `${from} redirects to another address, which is not followed`
      : `${from} refused ${where.path}`,
    got: [`HTTP ${status}`, ...publicWords(words, where.path)].join(': '),
    ...(isElsewhere(failure) ? { fix: 'list every Vault server in vault.addresses' } : {}),
    remedy: status >= 500 || status === 429 || isElsewhere(failure) ? 'retry' : 'never',
  };
}

function publicWords(words: string[], path: string): string[] {
  if (!/\/ca-[a-z-]+\/(issue|roles|root)\//.test(path)) return [];
  return words.slice(0, 1).map((word) => word.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 200));
}
