import { describe, expect, it } from 'vitest';
import { runQuery } from '../../fakes/azure/telemetry/kql/run.ts';
import {
  KqlSemanticError,
  KqlSyntaxError,
  type Table,
} from '../../fakes/azure/telemetry/kql/values.ts';

const NOW = Date.UTC(2026, 0, 1, 12);

const CALLS: Table = {
  columns: [
    { name: 'Time', type: 'datetime' },
    { name: 'Name', type: 'string' },
    { name: 'Ms', type: 'real' },
    { name: 'Ok', type: 'bool' },
    { name: 'Line', type: 'string' },
  ],
  rows: [
    [NOW - 3_600_000, 'orders', 10, true, '{"cold":true,"ms":10.5,"who":{"id":7},"all":["a","b"]}'],
    [NOW - 1_800_000, 'orders', 30, false, '{"cold":false,"ms":30,"who":{"id":"x"}}'],
    [NOW - 60_000, 'Orders', 20, true, 'no JSON at all'],
    [NOW - 1000, 'bills', null, true, ''],
  ],
};

function run(query: string): Table {
  return runQuery(query, { tables: new Map([['Calls', CALLS]]), now: NOW });
}

function rows(query: string): Table['rows'] {
  return run(query).rows;
}

function value(expression: string): unknown {
  return rows(`print x = ${expression}`)[0]?.[0];
}

describe('tabular operators', () => {
  it('choose rows and columns', () => {
    expect(rows(`Calls | where Ok and Ms >= 20 | project Name, Double = Ms * 2`)).toEqual([
      ['Orders', 40],
    ]);
    expect(rows(`Calls | where Name =~ 'ORDERS' | count`)).toEqual([[3]]);
    expect(
      rows(`Calls | project-away Line, Time, Ok, Ms | distinct Name | order by Name asc`),
    ).toEqual([['Orders'], ['bills'], ['orders']]);
    expect(rows(`Calls | extend Ms = coalesce(Ms, 0.0) | top 1 by Ms | project Ms`)).toEqual([
      [30],
    ]);
    expect(rows(`Calls | where Name in ('bills', 'x') or Line has 'json' | count`)).toEqual([[2]]);
    expect(rows(`Calls | where Name !in ('bills') and Line !contains 'cold' | count`)).toEqual([
      [1],
    ]);
  });

  it('sort downwards unless told otherwise, with null as the least', () => {
    const names = (query: string): unknown => rows(query).map(([ms]) => ms);
    expect(names(`Calls | sort by Ms | project Ms`)).toEqual([30, 20, 10, null]);
    expect(names(`Calls | order by Ms asc | project Ms`)).toEqual([null, 10, 20, 30]);
    expect(names(`Calls | order by Ms asc nulls last | take 2 | project Ms`)).toEqual([10, 20]);
  });

  it('summarize groups', () => {
    const { columns, rows: found } = run(
      `Calls | summarize count(), bad = countif(Ok == false), avg(Ms), p50 = percentile(Ms, 50), max(Ms) by Name | order by Name asc`,
    );
    expect(columns.map(({ name, type }) => `${name}:${type}`)).toEqual([
      'Name:string',
      'count_:long',
      'bad:long',
      'avg_Ms:real',
      'p50:real',
      'max_Ms:real',
    ]);
    expect(found).toEqual([
      ['Orders', 1, 0, 20, 20, 20],
      ['bills', 1, 0, Number.NaN, null, null],
      ['orders', 2, 1, 20, 10, 30],
    ]);
    expect(
      rows(`Calls | summarize n = count() by bin(Time, 30m) | order by Time asc | project n`),
    ).toEqual([[1], [3]]);
  });

  it('give several percentiles names, and null for those of nothing', () => {
    const { columns, rows: found } = run(
      `Calls | where Ok | summarize percentiles(Ms, 50, 95), (a, b) = percentiles(Ms, 1, 99), dcount(Name), make_list(Name), arg_max(Time, Name)`,
    );
    expect(columns.map(({ name }) => name)).toEqual([
      'percentile_Ms_50',
      'percentile_Ms_95',
      'a',
      'b',
      'dcount_Name',
      'list_Name',
      'Time',
      'Name',
    ]);
    expect(found).toEqual([
      [10, 20, 10, 20, 3, ['orders', 'Orders', 'bills'], NOW - 1000, 'bills'],
    ]);
    expect(
      rows(
        `Calls | where Name == 'none' | summarize count(), sum(Ms), avg(Ms), percentile(Ms, 95), min(Ms)`,
      ),
    ).toEqual([[0, 0, Number.NaN, null, null]]);
    expect(rows(`Calls | where Name == 'none' | summarize count() by Name`)).toEqual([]);
  });

  it('join tables by the names of columns', () => {
    const { columns, rows: found } = run(
      `union (Calls | project Name), (print Name = 'x', n = 1) | order by Name asc | take 1`,
    );
    expect(columns.map(({ name }) => name)).toEqual(['Name', 'n']);
    expect(found).toEqual([['Orders', null]]);
    expect(rows(`Calls | union Calls | count`)).toEqual([[8]]);
  });

  it('know names of let, and tables in the query', () => {
    expect(rows(`let from = ago(45m); let mine = Calls | where Time > from; mine | count`)).toEqual(
      [[3]],
    );
    expect(rows(`datatable(a:long, b:string)[1, 'x', 2, 'y'] | where a > 1 // two`)).toEqual([
      [2, 'y'],
    ]);
  });
});

describe('values', () => {
  it('come out of JSON', () => {
    const line = `Calls | extend line = parse_json(Line)`;
    expect(
      rows(
        `${line} | where line.cold == true | project todouble(line.ms), tostring(line.who.id), line.all[1]`,
      ),
    ).toEqual([[10.5, '7', 'b']]);
    expect(rows(`${line} | where line.who.id == 'x' | count`)).toEqual([[1]]);
    expect(rows(`${line} | where isnull(line.ms) | count`)).toEqual([[2]]);
    expect(rows(`${line} | where isnotempty(tostring(line.ms)) | count`)).toEqual([[2]]);
    expect(
      rows(
        `${line} | summarize n = count() by cold = tobool(line.cold) | where isnotnull(cold) | count`,
      ),
    ).toEqual([[2]]);
  });

  it.each([
    ['5 / 2', 2],
    ['5 / 2.0', 2.5],
    ['-7 % 4', -3],
    [`strcat('a', 1, true)`, 'a1True'],
    [`toint('12')`, 12],
    [`tolong('x')`, null],
    [`todouble('')`, null],
    [`tobool('TRUE')`, true],
    [`iff(1 < 2, 'a', 'b')`, 'a'],
    [`case(false, 1, true, 2, 3)`, 2],
    [`isempty('')`, true],
    [`isnull('')`, false],
    [`datetime(2026-01-01T12:00:00Z) - datetime(2026-01-01)`, 12 * 3_600_000],
    [`bin(datetime(2026-01-01T12:34:56Z), 1h)`, NOW],
    [`now() - 1h < ago(30m)`, true],
    [`'a b-c' has 'B'`, true],
    [`'abc' has 'b'`, false],
    [`'abc' startswith 'AB'`, true],
    [`'abc' contains_cs 'B'`, false],
    [`5 between (1 .. 5)`, true],
    [`'x' in~ ('X')`, true],
    [`tostring(dynamic({"a":[1]}))`, '{"a":[1]}'],
    [`toreal(real(null)) == 1.0`, false],
    [`not(1 == 2 or 'a' == "b")`, true],
    [`@'C:\\d' == 'C:\\\\d'`, true],
    [`todatetime('2026-01-01T12:00:00.0000010Z') > datetime(2026-01-01 12:00)`, true],
  ])('%s', (expression, expected) => {
    expect(value(expression)).toEqual(expected);
  });
});

describe('what is refused', () => {
  it.each([
    'Calls | summarize count() by',
    'Calls |',
    'Calls | where (Ok',
    `Calls | where Name == 'open`,
    'Calls | frobnicate Name',
    'Calls | where Name = 1',
    'Calls | project Name Ok',
    'Calls | take 1 | ; x',
    'Calls | extend x = datetime(soon)',
  ])('%s cannot be read', (query) => {
    expect(() => run(query)).toThrow(KqlSyntaxError);
  });

  it.each([
    ['Nothing | count', /Failed to resolve table.*'Nothing'/],
    ['Calls | where Nmae == 1', /'where' operator: Failed to resolve column.*'Nmae'/],
    ['Calls | where Name == 1', /Cannot compare values of types string and long/],
    ['Calls | where Time > "2026-01-01"', /types datetime and string/],
    ['Calls | where Name', /must return boolean/],
    ['Calls | extend x = Name + "a"', /Operator '\+' is not defined/],
    ['Calls | extend x = count()', /cannot be invoked in current context/],
    ['Calls | summarize Ms', /must stand in an aggregation/],
    ['Calls | summarize count() by parse_json(Line).who', /'dynamic' type/],
    ['Calls | order by parse_json(Line)', /dynamic type/],
    ['Calls | summarize avg(parse_json(Line).ms)', /explicit casts/],
    ['Calls | extend x = Name.y', /only dynamic values have members/],
    ['Calls | extend x = nothing(1)', /Unknown function: 'nothing'/],
    ['Calls | extend x = strlen()', /expects 1 argument/],
  ])('%s makes no sense', (query, message) => {
    expect(() => run(query)).toThrow(KqlSemanticError);
    expect(() => run(query)).toThrow(message);
  });
});
