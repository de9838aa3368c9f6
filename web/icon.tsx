// The icons: lines on a grid of 16, in the colour of the text.
const PATHS = {
  more: 'M3 8h.01M8 8h.01M13 8h.01',
  close: 'M4 4l8 8M12 4l-8 8',
  check: 'M3.5 8.5l3 3 6-7',
  dash: 'M4 8h8',
  film: 'M2.5 4.5h8v7h-8zM10.5 7l3-2v6l-3-2',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.5 10.5l3 3',
  tag: 'M2.5 7.5v-5h5l6 6-5 5zM5.2 5.2h.01',
  lock: 'M4.5 7.5h7v5h-7zM6 7.5V5.5a2 2 0 0 1 4 0v2',
  out: 'M5 11l7-7M6.5 4H12v5.5',
  probe: 'M6.5 2.5h3M7 2.5v4l-4 7h10l-4-7v-4M5 10.5h6',
  warning: 'M8 2.5l6 11H2zM8 6.5v3M8 11.5h.01',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
