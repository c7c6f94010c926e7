import { describe, expect, it } from 'vitest';
import { bindingStatements } from '../../../providers/aws/events/statements.ts';
import { bus, http, ONE_OF_EACH, queue, schedule, topic, wish } from './bindings.ts';

function resources(sid: string, all = bindingStatements(wish(ONE_OF_EACH))): readonly string[] {
  return all.find(({ Sid }) => Sid === sid)?.Resource ?? [];
}

describe('what the execution role needs', () => {
  it('is exact actions, on the sources that are bound', () => {
    for (const { Action } of bindingStatements(wish(ONE_OF_EACH))) {
      for (const action of Action) expect(action).toMatch(/^[a-z]+:[A-Za-z]+$/);
    }
    expect(resources('Queues')).toEqual(['arn:aws:sqs:eu-central-1:123456789012:orders']);
    expect(resources('Streams')).toEqual([
      'arn:aws:kinesis:eu-central-1:123456789012:stream/clicks',
    ]);
    expect(resources('Tables')).toEqual([
      'arn:aws:dynamodb:eu-central-1:123456789012:table/stock/stream/*',
    ]);
  });

  it('is the dead-letter queues that the function writes to itself, and no other', () => {
    expect(resources('DeadLetters')).toEqual([
      'arn:aws:sqs:eu-central-1:123456789012:clicks-dead',
      'arn:aws:sqs:eu-central-1:123456789012:users-dead',
    ]);
  });

  it('is nothing for what only calls the function', () => {
    const all = [topic('t'), bus('b'), schedule('c'), http('h')];
    expect(bindingStatements(wish(all))).toEqual([]);
  });

  it('takes native names as they are', () => {
    const arn = 'arn:aws:sqs:us-east-1:999999999999:other';
    const all = bindingStatements(wish([queue('q', { queue: arn }), queue('r')]));
    expect(resources('Queues', all)).toEqual(['arn:aws:sqs:eu-central-1:123456789012:orders', arn]);
  });
});
