// A story as text, in the order of time: for whoever has to find out how a claim came to be false. Videos are live at first
// if it does not say otherwise.
import { toName } from '../outcome-names.ts';
import { toVideoId } from './history.ts';
import type { Story } from './play.ts';
import type { Moment, Sender } from './records.ts';

type Line = readonly [at: number, text: string];

/** @param about - the ids to tell of; all if undefined. */
export function toChronicle(story: Story, about?: ReadonlySet<string>): string {
  const { history, upstream, calls } = story;
  const isTold = (id: string) => !about || about.has(id);
  const lines: Line[] = [];
  for (const { at, isOn } of upstream.project.videoRestore.switches)
    lines.push([at, `Video Restore is ${isOn ? 'on' : 'off'}`]);
  for (const { at, ms, kind } of history.outages) lines.push([at, `an outage of ${ms} ms: ${kind}`]);
  for (const life of upstream.project.lives.values()) {
    if (isTold(life.id))
      for (const moment of life.moments.filter(({ at, state }) => Number.isFinite(at) || state !== 'live'))
        lines.push([moment.at, `${life.id} is ${moment.state} ${toAuthor(moment)}`]);
  }
  for (const call of calls) {
    const ids = call.videos.map(toVideoId).join(' ');
    const mode = call.act === 'delete' ? ` ${call.ifPermanent.toUpperCase()}` : '';
    const name = toSenderName({ gateway: call.gateway, call: call.index });
    lines.push([call.at, `${name} begins: ${call.act}${mode} ${ids}, waits ${call.waitMs}`]);
    if (call.leavesAt !== undefined) lines.push([call.leavesAt, `${name} is left by its client`]);
    if (call.endedAt !== undefined) lines.push([call.endedAt, `${name} ends`]);
    for (const { id, at, outcome } of call.told)
      if (isTold(id)) lines.push([at, `${name} says ${id}: ${toName(outcome)}`]);
  }
  for (const write of upstream.writes.filter(({ id }) => isTold(id))) {
    lines.push([write.sentAt, `${toSenderName(write)} sends ${write.act} ${write.id}`]);
    lines.push([write.endedAt, `${toSenderName(write)} knows ${write.act} ${write.id}: ${write.end}`]);
  }
  for (const read of upstream.reads.filter(({ id }) => isTold(id))) {
    const sent = `sent ${read.sentAt}, of ${read.of}`;
    lines.push([read.answeredAt, `${toSenderName(read)} reads ${read.id}: ${read.showed} (${sent})`]);
  }
  return lines
    .toSorted(([a], [b]) => a - b)
    .map(([at, text]) => `${at} ${text}`)
    .join('\n');
}

function toSenderName({ gateway, call }: Sender): string {
  return `gateway ${gateway} call ${call}`;
}

function toAuthor({ by }: Moment): string {
  return by === 'others' ? 'by others' : `by ${toSenderName(by)}, sent ${by.sentAt}`;
}
