// What a video is called: its title, else its id. The gateway's own probe video has a name that says what it is.
import { probe } from '../words.ts';
import type { Row } from './list-kind.ts';

export const nameOf = ({ title, id, probe: isProbe }: Pick<Row, 'title' | 'id' | 'probe'>): string =>
  isProbe ? probe.title : title || id;
