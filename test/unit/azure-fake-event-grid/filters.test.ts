import { describe, expect, it } from 'vitest';
import type { GridEvent } from '../../fakes/azure/event-grid/events.ts';
import { passes, readFilter } from '../../fakes/azure/event-grid/filters.ts';
import { cloudEvent } from './scene.ts';

const EVENT: GridEvent = {
  schema: 'CloudEventSchemaV1_0',
  body: cloudEvent({
    subject: '/Orders/7',
    data: {
      name: 'Ada Lovelace',
      total: 12.5,
      paid: true,
      none: null,
      tags: ['red', 'Blue'],
      sizes: [1, 20],
      deep: { er: { key: 'x' } },
      rows: [{ a: 1 }],
    },
  }),
};

const pass = (operatorType: string, key: string, operand?: unknown, onArrays = false): boolean =>
  passes(
    readFilter(
      {
        enableAdvancedFilteringOnArrays: onArrays,
        advancedFilters: [
          {
            operatorType,
            key,
            ...(Array.isArray(operand) ? { values: operand } : { value: operand }),
          },
        ],
      },
      undefined,
    ),
    EVENT,
  );

describe('advanced filters', () => {
  it.each([
    ['StringIn', 'data.name', ['x', 'ADA LOVELACE'], true],
    ['StringIn', 'data.name', ['ada'], false],
    ['StringNotIn', 'data.name', ['ada'], true],
    ['StringNotIn', 'data.name', ['ada lovelace'], false],
    ['StringBeginsWith', 'data.name', ['ADA'], true],
    ['StringNotBeginsWith', 'data.name', ['ADA'], false],
    ['StringEndsWith', 'data.name', ['Lace'], true],
    ['StringNotEndsWith', 'data.name', ['Lace'], false],
    ['StringContains', 'data.name', ['a L'], true],
    ['StringNotContains', 'data.name', ['a l', 'zz'], false],
    ['StringNotContains', 'data.name', ['zz'], true],
    ['NumberIn', 'data.total', [1, 12.5], true],
    ['NumberNotIn', 'data.total', [1, 12.5], false],
    ['NumberLessThan', 'data.total', 12.5, false],
    ['NumberLessThanOrEquals', 'data.total', 12.5, true],
    ['NumberGreaterThan', 'data.total', 12, true],
    ['NumberGreaterThanOrEquals', 'data.total', 13, false],
    [
      'NumberInRange',
      'data.total',
      [
        [1, 2],
        [12, 13],
      ],
      true,
    ],
    [
      'NumberNotInRange',
      'data.total',
      [
        [1, 2],
        [12, 13],
      ],
      false,
    ],
    ['BoolEquals', 'data.paid', true, true],
    ['BoolEquals', 'data.paid', false, false],
    ['IsNullOrUndefined', 'data.none', undefined, true],
    ['IsNullOrUndefined', 'data.gone', undefined, true],
    ['IsNotNull', 'data.none', undefined, false],
    ['IsNotNull', 'data.tags', undefined, true],
    ['StringIn', 'data.deep.er.key', ['X'], true],
    ['StringIn', 'source', ['SHOP.orders'], true],
    ['StringBeginsWith', 'Subject', ['/orders/'], true],
    ['StringIn', 'type', ['order.placed'], true],
    ['StringIn', 'eventtype', ['order.placed'], false],
    ['StringIn', 'id', ['e1'], true],
  ] as const)('%s %s %j: %s', (operatorType, key, operand, expected) => {
    expect(pass(operatorType, key, operand)).toBe(expected);
  });

  it('let an event without the key through only where the operator says not in', () => {
    const matched = ['StringNotIn', 'NumberNotIn', 'NumberNotInRange'];
    const operands: Readonly<Record<string, unknown>> = {
      NumberIn: [1],
      NumberNotIn: [1],
      NumberInRange: [[1, 2]],
      NumberNotInRange: [[1, 2]],
      NumberLessThan: 1,
      NumberLessThanOrEquals: 1,
      NumberGreaterThan: 1,
      NumberGreaterThanOrEquals: 1,
      BoolEquals: true,
      ...Object.fromEntries(
        ['In', 'NotIn', 'BeginsWith', 'NotBeginsWith', 'EndsWith', 'NotEndsWith', 'Contains']
          .concat('NotContains')
          .map((name) => [`String${name}`, ['x']]),
      ),
    };
    const passed = Object.entries(operands)
      .filter(([operator, operand]) => pass(operator, 'data.gone', operand))
      .map(([operator]) => operator);
    expect(passed.toSorted()).toEqual(matched.toSorted());
  });

  it('look into lists only when they may, and never into lists of objects', () => {
    expect(pass('StringIn', 'data.tags', ['blue'])).toBe(false);
    expect(pass('StringIn', 'data.tags', ['blue'], true)).toBe(true);
    expect(pass('StringNotIn', 'data.tags', ['blue'], true)).toBe(false);
    expect(pass('NumberGreaterThan', 'data.sizes', 10, true)).toBe(true);
    expect(pass('NumberIn', 'data.rows.a', [1], true)).toBe(false);
  });

  it('compare with what is of the same type', () => {
    expect(pass('StringIn', 'data.total', ['12.5'])).toBe(false);
    expect(pass('NumberIn', 'data.name', [1])).toBe(false);
    expect(pass('BoolEquals', 'data.name', true)).toBe(false);
  });
});

describe('filters by type and subject', () => {
  const of = (filter: object): boolean => passes(readFilter({ ...filter }, undefined), EVENT);

  it('let through what has the type', () => {
    expect(of({})).toBe(true);
    expect(of({ includedEventTypes: ['All'] })).toBe(true);
    expect(of({ includedEventTypes: ['order.placed', 'x'] })).toBe(true);
    expect(of({ includedEventTypes: ['x'] })).toBe(false);
  });

  it('compare subjects without regard to case, unless they are told to', () => {
    expect(of({ subjectBeginsWith: '/orders/', subjectEndsWith: '7' })).toBe(true);
    expect(of({ subjectBeginsWith: '/orders/', isSubjectCaseSensitive: true })).toBe(false);
    expect(of({ subjectBeginsWith: '/Orders/', isSubjectCaseSensitive: true })).toBe(true);
    expect(of({ subjectEndsWith: '8' })).toBe(false);
  });
});
