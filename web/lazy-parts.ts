// The parts that are not needed to show a list. They are loaded when the browser has nothing else to do, and at the latest when
// they are wanted.
import { type ComponentType, lazy } from 'react';
import { noteMissingPart } from './session/missing-parts.ts';

const parts = {
  acts: () => import('./acts/acts-part.ts'),
  preview: () => import('./preview/preview.tsx'),
  strips: () => import('./operations/operation-strips.tsx'),
  signIn: () => import('./session/sign-in.tsx'),
  rowMenu: () => import('./lists/row-menu.tsx'),
  toasts: () => import('./acts/toasts.tsx'),
  tracker: () => import('./operations/tracker.ts'),
};

export const FailurePanels = toLazy(async () => (await parts.acts()).FailurePanels);
export const PermanentDeletion = toLazy(async () => (await parts.acts()).PermanentDeletion);
export const OperationStrips = toLazy(async () => (await parts.strips()).OperationStrips);
export const Preview = toLazy(async () => (await parts.preview()).Preview);
export const RowMenu = toLazy(async () => (await parts.rowMenu()).RowMenu);
export const SignIn = toLazy(async () => (await parts.signIn()).SignIn);
export const Toasts = toLazy(async () => (await parts.toasts()).Toasts);

export const loadActRunner = async () => (await parts.acts()).ActRunner;
export const loadTracker = async () => (await parts.tracker()).OperationTracker;

/** A part that cannot be loaded must not take the list and the ticks away: the page says so instead. */
function toLazy<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  return lazy(async (): Promise<{ default: ComponentType<Props> }> => {
    try {
      return { default: await load() };
    } catch {
      noteMissingPart();
      return { default: () => null };
    }
  });
}

/** Loads them all. Whatever fails now is loaded when it is wanted. */
export function preloadParts(): void {
  whenIdle(() => {
    for (const load of Object.values(parts)) load().catch(() => {});
  });
}

export function whenIdle(act: () => void): void {
  if ('requestIdleCallback' in globalThis) requestIdleCallback(act);
  else setTimeout(act, 200);
}
