/** What went wrong in the lab, in the order a person asks: what, why, cure. */
export class LabError extends Error {
  readonly why: string;
  readonly cure: string;

  constructor({ what, why, cure }: { what: string; why: string; cure: string }) {
    super(what);
    this.name = 'LabError';
    this.why = why;
    this.cure = cure;
  }
}

/** Renders any error for the terminal, without a stack trace. */
export function explain(error: unknown): string {
  if (error instanceof LabError) return `${error.message}\n  why  ${error.why}\n  fix  ${error.cure}`;
  return error instanceof Error ? error.message : String(error);
}
