import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { afterLastMessage } from '../../../src/package/last-message.ts';

it.each([
  ['is told after what it said last, where that comes later', true, ['message', 'end']],
  ['is told at once where nothing more can come', false, ['end', 'message']],
])('the end of a process %s', (_name, connected, order) => {
  const child = Object.assign(new EventEmitter(), { connected });
  const heard: string[] = [];
  child.on('message', () => heard.push('message'));
  afterLastMessage(child, () => heard.push('end'));
  child.emit('message');
  child.emit('disconnect');
  expect(heard).toEqual(order);
});
