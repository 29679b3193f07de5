import process, { stderr } from 'node:process';

/** How a lab of that name is named on the command line: the demo's own needs no option. */
export function labOption(name: string): string {
  return name === 'demo' ? '' : ` --name ${name}`;
}

/** What a person may do with a demo that has ended in the middle. */
export function howToGoOn(name: string): string {
  const again = name === 'demo' ? 'npm run demo' : `CKE_LAB_NAME=${name} npm run demo`;
  return `What was started keeps running, and the worker goes on with what it was told.
  go on      ${again}
  look       npm run lab -- status${labOption(name)}
  remove it  npm run lab -- down${labOption(name)}
`;
}

/** The client that shows progress gets the terminal's signal, too, and says that it detaches: its line comes first. */
const clientsLastWords = 300;

/**
 * Ctrl-C and the like end only this process: everything made so far is taken up by the next demo. The signal that is returned tells
 * that it is ending: what fails from then on is no failure.
 */
export function endOnSignal(lab: string): AbortSignal {
  const ending = new AbortController();
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.once(signal, () => {
      ending.abort();
      setTimeout(() => {
        stderr.write(`\nThe demo was interrupted. ${howToGoOn(lab)}`);
        process.exit(code);
      }, clientsLastWords);
    });
  }
  return ending.signal;
}
