/** How long each part of talking to a node may take, in milliseconds. */
export interface Deadlines {
  /** TCP connection. */
  connect: number;
  /** From the first SSH byte until the user is logged in. */
  handshake: number;
  /** Opening one channel, or the one diagnostic command. */
  channel: number;
  /** Silence within a streamed answer (archives, pulls). */
  idle: number;
  /** One ordinary Docker call, from the first byte asked to the last byte answered. */
  call: number;
  /** Listing containers, from which it is told whether a node can be observed. */
  list: number;
  /** One image pull. */
  pull: number;
  /** After so long a standing connection asks whether the private key is still the same. */
  keyCheck: number;
}

export const defaultDeadlines: Deadlines = {
  connect: 5_000,
  handshake: 10_000,
  channel: 5_000,
  idle: 60_000,
  call: 20_000,
  list: 5_000,
  pull: 15 * 60_000,
  keyCheck: 5 * 60_000,
};

/** What `within` throws: the caller turns it into the error that fits its subject. */
export class DeadlineExceeded extends Error {
  readonly milliseconds: number;

  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds / 1000} s`);
    this.name = 'DeadlineExceeded';
    this.milliseconds = milliseconds;
  }
}

/** Settles as `promise` does, or throws DeadlineExceeded after so many milliseconds, whatever `promise` does later. */
export function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DeadlineExceeded(milliseconds)), milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
