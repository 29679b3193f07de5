/** What one look at etcd from outside showed. */
export interface MemberSample {
  /** Milliseconds of any one clock. */
  readonly at: number;
  /** The member list as a quorum has it; absent when nobody could tell. */
  readonly members?: readonly { readonly id: string; readonly address: string; readonly role: 'voter' | 'learner' }[];
  /** Looked at before the list, by the engines' own words: when the member's process was started; absent for one that does not run. */
  readonly runningSince: Readonly<Record<string, string>>;
  /** Addresses of the members that answered. */
  readonly answering: readonly string[];
  /** Addresses of the members that somebody else has taken out: the story itself. */
  readonly excused: readonly string[];
}

/** Looks in a row without an answer after which a running member counts as out: a busy machine makes anybody silent for a moment. */
const silentLooks = 8;

/**
 * Never is more than one voter out by our doing, and never does our doing take the quorum; no machine has two members. A voter is out
 * from the end of its process until it answers for the first time after its start.
 */
export function checkMembers(samples: readonly MemberSample[]): string[] {
  const heard = new Map(Object.entries(samples[0]?.runningSince ?? {}));
  const silent = new Map<string, number>();
  return samples.flatMap((sample) => {
    const { at, members = [], runningSince, answering, excused } = sample;
    for (const address of answering) heard.set(address, runningSince[address] ?? heard.get(address) ?? '');
    for (const address of Object.keys(runningSince))
      silent.set(address, answering.includes(address) ? 0 : (silent.get(address) ?? 0) + 1);
    const isIn = (address: string) => {
      const since = runningSince[address];
      return since !== undefined && heard.get(address) === since && (silent.get(address) ?? 0) < silentLooks;
    };
    const voters = members.filter(({ role }) => role === 'voter').map(({ address }) => address);
    const ours = voters.filter((address) => !isIn(address) && !excused.includes(address));
    const synced = voters.filter(isIn).length;
    const quorum = Math.floor(voters.length / 2) + 1;
    const when = `${Math.round(at / 1000)} s`;
    return [
      ...(ours.length > 1 ? [`${when}: ${ours.join(' and ')} are out at the same time`] : []),
      ...(ours.length > 0 && synced < quorum
        ? [`${when}: ${ours.join(', ')} is out, and ${synced} of ${voters.length} voters are left`]
        : []),
      ...(new Set(members.map(({ address }) => address)).size < members.length
        ? [`${when}: two members at one address: ${members.map(({ address }) => address).join(', ')}`]
        : []),
    ];
  });
}
