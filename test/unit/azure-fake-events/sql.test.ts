import { describe, expect, it } from 'vitest';
import { parseSql } from '../../fakes/azure/service-bus/sql/parse.ts';

const message = {
  system: { label: 'paid', sessionid: null },
  user: { tenant: 'blue', level: 3, urgent: true, "o'clock": 'x', 'a]b': 'y' },
};

describe('SQL filters of Service Bus', () => {
  it.each([
    ["tenant IN ('red','blue') AND level = 3", true],
    ["tenant IN ('red') OR level > 2", true],
    ["user.[tenant] IN ('Blue')", false],
    ["TENANT = 'blue'", true],
    ["[a]]b] = 'y'", true],
    ["sys.Label = 'paid' AND sys.SessionId IS NULL", true],
    ['missing IS NULL', true],
    ['missing IS NOT NULL', false],
    ["missing = 'x'", false],
    ["NOT missing = 'x'", false],
    ["missing <> 'x'", false],
    ["tenant NOT IN ('red')", true],
    ["missing NOT IN ('red')", false],
    ["tenant LIKE 'bl%' AND tenant LIKE '_lue'", true],
    ["tenant NOT LIKE 'b\\%' ESCAPE '\\'", true],
    ['EXISTS(level) AND NOT EXISTS(missing)', true],
    ['level >= 3 AND level <= 3.0 AND level <> -3', true],
    ["level = '3'", false],
    ['urgent = TRUE', true],
    ['(1=1 OR 1=0) AND NOT (1=0)', true],
    ['1=0', false],
  ])('%s is %s', (sql, expected) => {
    expect(parseSql(sql)(message)).toBe(expected);
  });

  it.each([
    'tenant =',
    'tenant IN ()',
    "tenant == 'a'",
    "tenant = 'a",
    'a.b.c = 1',
    'AND',
    'x ; y',
  ])('refuses %s', (sql) => {
    expect(() => parseSql(sql)).toThrow(/unexpected|unknown/);
  });
});
