/** Does something again and again, one after the other, until it is stopped; stopping waits for the one that is under way. */
export function againAndAgain(round: () => Promise<void>): () => Promise<void> {
  const end = new AbortController();
  const going = (async () => {
    while (!end.signal.aborted) await round();
  })();
  return async () => {
    end.abort();
    await going;
  };
}
