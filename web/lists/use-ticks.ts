// Which videos are ticked: ids, not rows, so that they stay ticked while pages, filter, order and tab change.
import { useMemo, useState } from 'react';
import type { Key } from 'react-aria-components';

export type Ticks = {
  /** As the list last gave them: it keeps there where a range with Shift begins. */
  readonly keys: ReadonlySet<Key>;
  readonly size: number;
  readonly has: (id: string) => boolean;
  readonly toIds: () => readonly string[];
  readonly set: (keys: ReadonlySet<Key>) => void;
  readonly add: (ids: readonly string[]) => void;
  readonly drop: (ids: readonly string[]) => void;
  readonly clear: () => void;
  /** The next range with Shift begins where it is made. */
  readonly forgetRange: () => void;
};

export function useTicks(): Ticks {
  const [keys, setKeys] = useState<ReadonlySet<Key>>(new Set());
  const changes = useMemo(
    () => ({
      set: setKeys,
      add: (ids: readonly string[]) => setKeys((before) => new Set([...before, ...ids])),
      drop: (ids: readonly string[]) => {
        const dropped = new Set<Key>(ids);
        setKeys((before) =>
          ids.some((id) => before.has(id)) ? new Set([...before].filter((key) => !dropped.has(key))) : before,
        );
      },
      clear: () => setKeys(new Set()),
      forgetRange: () => setKeys((before) => (before.size > 0 ? new Set(before) : before)),
    }),
    [],
  );
  return useMemo(
    () => ({
      ...changes,
      keys,
      size: keys.size,
      has: (id) => keys.has(id),
      toIds: () => [...keys].map(String),
    }),
    [keys, changes],
  );
}
