interface HedgeInput<S, T> {
  /** In the order in which they are asked; at least one. */
  servers: readonly S[];
  /** Milliseconds without an answer after which the next one is asked as well. */
  patience: number;
  ask: (server: S) => Promise<T>;
  /** Whether a failure is an answer, the same from every server. */
  isAnswer: (failure: unknown) => boolean;
}

/**
 * A read that one silent server does not hold up: the next server is asked at once when one fails, and beside it when it is silent.
 * The first answer counts. Throws the answer that is a failure, or the last failure when no server answers.
 */
export function hedge<S, T>({ servers, patience, ask, isAnswer }: HedgeInput<S, T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let asked = 0;
    let failures = 0;
    let timer: NodeJS.Timeout | undefined;

    const settle = (conclude: () => void) => {
      clearTimeout(timer);
      asked = servers.length;
      conclude();
    };
    const askNext = () => {
      clearTimeout(timer);
      const server = servers[asked];
      if (server === undefined) return;
      asked += 1;
      timer = setTimeout(askNext, patience);
      ask(server).then(
        (result) => settle(() => resolve(result)),
        (failure: Error) => {
          failures += 1;
          if (isAnswer(failure) || failures === servers.length) settle(() => reject(failure));
          else askNext();
        },
      );
    };
    askNext();
  });
}
