import { describe, expect, it } from 'vitest';
import {
  checkTransformer,
  targetText,
  type InputTransformer,
} from '../../fakes/aws/events/transform.ts';

const EVENT = {
  version: '0',
  id: 'e1',
  'detail-type': 'Paid',
  source: 'orders',
  account: '1',
  time: '2026-11-20T12:00:00Z',
  region: 'eu-west-1',
  resources: ['arn:a', 'arn:b'],
  detail: { 'user-id': 'u1', count: 3, on: true, none: null, items: [{ id: 'i1' }, { id: 'i2' }] },
} as const;
const RULE = {
  ruleArn: 'arn:rule',
  ruleName: 'rule',
  ingestionTime: '2026-11-20T12:00:01Z',
};

function filled(template: string, paths: Record<string, string> = {}): string {
  return targetText({ transformer: { paths, template } }, EVENT, RULE);
}

describe('the input of a target', () => {
  it('is the whole event when nothing is said', () => {
    expect(JSON.parse(targetText({}, EVENT, RULE))).toEqual(EVENT);
  });

  it('is a constant', () => {
    expect(targetText({ input: '{"a":1}' }, EVENT, RULE)).toBe('{"a":1}');
  });

  it.each([
    ['$', EVENT],
    ['$.detail', EVENT.detail],
    ['$.detail.user-id', 'u1'],
    ['$.resources[1]', 'arn:b'],
    ['$.detail.items[*].id', ['i1', 'i2']],
    ['$.detail.nothing', null],
  ])('is what %s leads to', (inputPath, expected) => {
    expect(JSON.parse(targetText({ inputPath }, EVENT, RULE))).toEqual(expected);
  });

  it('is a template with values of all types', () => {
    const text = filled('{"user": <user>, "text": "user <user>", "list": [<count>, <on>, <all>]}', {
      user: '$.detail.user-id',
      count: '$.detail.count',
      on: '$.detail.on',
      all: '$.detail.items',
    });
    expect(JSON.parse(text)).toEqual({
      user: 'u1',
      text: 'user u1',
      list: [3, true, [{ id: 'i1' }, { id: 'i2' }]],
    });
  });

  it('is a text, and the quotation marks are a part of it', () => {
    expect(
      filled('"<type> at <time>, <nothing>"', {
        type: '$.detail-type',
        time: '$.time',
        nothing: '$.detail.nothing',
      }),
    ).toBe('"Paid at 2026-11-20T12:00:00Z, "');
  });

  it('holds the reserved variables', () => {
    const text = filled(
      '{"arn": <aws.events.rule-arn>, "name": "<aws.events.rule-name>", "at": <aws.events.event.ingestion-time>, "all": <aws.events.event.json>, "head": <aws.events.event>}',
    );
    const { detail: _detail, 'detail-type': detailType, ...head } = EVENT;
    expect(JSON.parse(text)).toEqual({
      arn: 'arn:rule',
      name: 'rule',
      at: '2026-11-20T12:00:01Z',
      all: EVENT,
      head: { ...head, detailType },
    });
  });

  it.each<[string, InputTransformer, string]>([
    ['an unknown placeholder', { paths: {}, template: '{"a": <b>}' }, 'invalid placeholder b'],
    ['a reserved name', { paths: { 'aws.x': '$.a' }, template: '"a"' }, 'reserved key aws.x'],
    ['a bad path', { paths: { a: 'detail.a' }, template: '"<a>"' }, 'invalid path detail.a'],
    ['a template that is no JSON', { paths: {}, template: 'hello' }, 'Invalid InputTemplate'],
  ])('refuses %s', (_title, transformer, message) => {
    expect(() => checkTransformer('t', transformer)).toThrow(message);
  });
});
