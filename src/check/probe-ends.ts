// What may become of the probe video, and what the last row about it reports.

/** `deleted`: removed or destroyed. `doubtful`: a write was sent whose effect is not known. */
export type ProbeState = 'live' | 'removed' | 'destroyed' | 'deleted' | 'doubtful';

const toLive = (id: string) =>
  `Video ${id} may still be live: its deletion failed. You can delete it; it is empty.`;

export const ENDS: Record<ProbeState, (id: string) => string> = {
  live: toLive,
  doubtful: toLive,
  removed: (id) =>
    `Video ${id}, removed. The gateway uses it again, or api.video destroys it after its 90 days.`,
  destroyed: (id) => `Nothing: video ${id} is destroyed.`,
  deleted: (id) => `Video ${id}, removed or destroyed.`,
};
