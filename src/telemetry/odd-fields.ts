// Warns of fields of videos that api.video returned in an unexpected form. It logs no value of such a field.
import type { Logger } from 'pino';
import type { OnOddField } from '../upstream/shapes.ts';
import { MAX_ID_LENGTH, toOwnText } from '../upstream/video-id.ts';
import { createLogOnce } from './log-once.ts';

/** Without these, the gateway does not know which video it is, or whether that is live. */
const DECISIVE = new Set(['body', 'videoId', 'discarded', 'removed']);

/** One warning for each video and field. */
export function logOddFields(logger: Logger): OnOddField {
  const warnOnce = createLogOnce(logger);
  return (id, field) => {
    const videoId = id === undefined ? undefined : toOwnText(id.slice(0, MAX_ID_LENGTH));
    const effect = DECISIVE.has(field)
      ? 'so the gateway cannot show that video'
      : 'so the gateway leaves it out';
    const message = `api.video returned the field ${field} of a video in an unexpected form, ${effect}`;
    warnOnce(`${videoId} ${field}`, message, { videoId, field });
  };
}
