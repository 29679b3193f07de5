/** Seeds of schedules that once found something wrong, and what. */
export const regressions = [
  [2_001_852, 'an API server that came back while it was replaced was stopped under its clients (A-01)'],
  [3_001_287, 'the members of a first start that was not over were held to the canary rule'],
] as const;
