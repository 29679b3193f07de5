/** Seeds of schedules that once found something wrong, and what. */
export const regressions = [
  [2_001_852, 'an API server that came back while it was replaced was stopped under its clients (A-01)'],
  [3_001_287, 'the members of a first start that was not over were held to the canary rule'],
  [5_004_901, 'etcd-rivers of two control planes were replaced together while no API server served'],
  [5_009_074, 'etcd-rivers that Docker started again was replaced while that of another control plane was down'],
  [6_001_367, 'a member whose restart was waited for led again, and was stopped while it did'],
  [7_006_390, 'a member was stopped on what had been seen before its leadership moved'],
  [9_003_568, 'a learner whose addition was interrupted, and which is not declared any more, held up every change'],
  [20_124_221, 'a kubelet that registered between the look and its restart was held to be disturbed for nothing'],
  [20_138_854, 'a kubelet made anew on a node that left and came back was held to the canary rule'],
  [30_029_519, 'a member that others could not do without led by the time they could, and was stopped'],
  [60_070_569, 'an API server that recovered was stopped together with one that kept dying'],
  [
    70_007_408,
    'a voter whose container was made for a first start was started as it stood, and its directory emptied meanwhile',
  ],
] as const;
