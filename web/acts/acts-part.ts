// What acting takes, in one part of the bundle: whatever can be sent, what comes of it can be shown.
export { ActRunner } from './act-runner.ts';
export { FailurePanels } from './failure-panel.tsx';
export { PermanentDeletion } from './permanent-deletion.tsx';
