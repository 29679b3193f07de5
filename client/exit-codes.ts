/** What the shell gets. Documented in docs/operations.md: scripts depend on it. */
export const exitCodes = {
  ok: 0,
  /** The command could not do what was asked: wrong usage, unreachable server, refused declaration. */
  failed: 1,
  /** `plan` only: there is something to do. */
  changesPending: 2,
  /** It was done or looked at, but a person has to see to something: blockers, failed steps, bad checks. */
  attention: 3,
  /** Temporal did not answer for long while the work was followed; the work goes on without us. */
  lost: 4,
  /** Detached by Ctrl-C; the work goes on. */
  detached: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
