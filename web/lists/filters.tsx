// What narrows a list and orders it. It stands in the bar while nothing is ticked, and when it is asked for.
import { useEffect, useRef, useState } from 'react';
import { Button, Input, SearchField } from 'react-aria-components';
import type { View } from '../address.ts';
import { Icon, type IconName } from '../icon.tsx';
import { selection, videos, filters as words } from '../words.ts';

const TYPING_MS = 300;

export function Filters({
  view,
  change,
  orders,
  order,
  total,
  ticked,
  onLeave,
  children,
}: {
  readonly view: View;
  readonly change: (changes: Partial<View>) => void;
  readonly orders: Readonly<Record<string, { readonly label: string }>>;
  /** The name of the order in force. */
  readonly order: string;
  /** Undefined until it is known. */
  readonly total: number | undefined;
  /** How many videos are ticked. */
  readonly ticked: number;
  /** Back to the rows: by Escape in an empty field, or since the focus is elsewhere. */
  readonly onLeave: (to: 'rows' | 'elsewhere') => void;
  /** What stands before the fields. */
  readonly children: React.ReactNode;
}) {
  const leaveToRows = () => onLeave('rows');
  return (
    <search
      className="bar"
      onBlur={({ currentTarget, relatedTarget }) => {
        if (relatedTarget && !currentTarget.contains(relatedTarget)) onLeave('elsewhere');
      }}
    >
      {children}
      <TextFilter
        label={words.title}
        icon="search"
        className="title"
        value={view.title}
        onChange={(title) => change({ title })}
        onLeave={leaveToRows}
      />
      <TextFilter
        label={words.tag}
        icon="tag"
        className="tag"
        value={view.tag}
        onChange={(tag) => change({ tag })}
        onLeave={leaveToRows}
      />
      <select
        className="field order"
        aria-label={words.order}
        value={order}
        onChange={({ target }) => change({ sort: target.value })}
      >
        {Object.entries(orders).map(([name, { label }]) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
      <span className={ticked > 0 ? 'hidden' : 'count'} role="status">
        {total === undefined ? '' : videos(total)}
      </span>
      {ticked > 0 && (
        <Button className="link" onPress={leaveToRows}>
          {selection.selected(ticked)}
        </Button>
      )}
    </search>
  );
}

/** Changes the filter a moment after the last key, so that not every letter reads the list. */
function TextFilter({
  label,
  icon,
  className,
  value,
  onChange,
  onLeave,
}: {
  readonly label: string;
  readonly icon: IconName;
  readonly className: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onLeave: () => void;
}) {
  const [text, setText] = useState(value);
  const known = useRef(value);
  // Back, or "Show all", has changed the address.
  if (known.current !== value) {
    known.current = value;
    setText(value);
  }
  const commit = (next: string) => {
    if (next === known.current) return;
    known.current = next;
    onChange(next);
  };
  const latest = useRef(commit);
  latest.current = commit;
  useEffect(() => {
    const timer = setTimeout(() => latest.current(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <SearchField
      className={`field ${className}`}
      aria-label={label}
      value={text}
      onChange={setText}
      onSubmit={commit}
      onClear={() => commit('')}
      onBlur={() => commit(text)}
      onKeyDown={({ key }) => {
        // With a text, the field takes Escape to clear it.
        if (key === 'Escape' && text === '') onLeave();
      }}
    >
      <Icon name={icon} />
      <Input placeholder={label} data-search={className} />
    </SearchField>
  );
}
