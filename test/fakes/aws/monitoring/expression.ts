/** Metric math: series and numbers with `+ - * / ^`, comparisons, `&& || AND OR`, and functions such as `IF`. */
import { AwsFault } from '../core/service.ts';

/** Timestamp to value. */
export type Series = ReadonlyMap<number, number>;
export type Operand = Series | number;

/** What a name in an expression stands for. */
export type Lookup = (id: string) => Operand;

const LEVELS: readonly (readonly string[])[] = [
  ['||', 'OR'],
  ['&&', 'AND'],
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/'],
  ['^'],
];

const OPERATIONS: Readonly<Record<string, (one: number, other: number) => number>> = {
  '||': (one, other) => Number(one !== 0 || other !== 0),
  '&&': (one, other) => Number(one !== 0 && other !== 0),
  '==': (one, other) => Number(one === other),
  '!=': (one, other) => Number(one !== other),
  '<=': (one, other) => Number(one <= other),
  '>=': (one, other) => Number(one >= other),
  '<': (one, other) => Number(one < other),
  '>': (one, other) => Number(one > other),
  '+': (one, other) => one + other,
  '-': (one, other) => one - other,
  '*': (one, other) => one * other,
  '/': (one, other) => one / other,
  '^': (one, other) => one ** other,
};

export function evaluateExpression(source: string, lookup: Lookup): Operand {
  return new Calculation(source, lookup).result();
}

export function expressionFault(expression: string, why: string): AwsFault {
  const message = `Error in expression '${expression}': ${why}`;
  return new AwsFault(400, 'ValidationException', message, {
    headers: { 'x-amzn-query-error': 'ValidationError;Sender' },
  });
}

class Calculation {
  readonly #source: string;
  readonly #lookup: Lookup;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(source: string, lookup: Lookup) {
    this.#source = source;
    this.#lookup = lookup;
    const pattern =
      /\s*([A-Za-z]\w*|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|&&|\|\||==|!=|<=|>=|[<>()+\-*/^,])/y;
    const tokens: string[] = [];
    const end = source.trimEnd().length;
    while (pattern.lastIndex < end) {
      const match = pattern.exec(source);
      if (match?.[1] === undefined) throw expressionFault(source, 'it cannot be read');
      tokens.push(match[1]);
    }
    this.#tokens = tokens;
  }

  result(): Operand {
    const value = this.#level(0);
    if (this.#at < this.#tokens.length) throw this.#unexpected();
    return value;
  }

  #unexpected(): AwsFault {
    return expressionFault(this.#source, `unexpected ${this.#tokens[this.#at] ?? 'end'}`);
  }

  #takes(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #level(level: number): Operand {
    const operators = LEVELS[level];
    if (!operators) return this.#primary();
    let left = this.#level(level + 1);
    for (;;) {
      const operator = operators.find((each) => this.#takes(each));
      if (operator === undefined) return left;
      const name = { AND: '&&', OR: '||' }[operator] ?? operator;
      left = combine(left, this.#level(level + 1), OPERATIONS[name] ?? (() => 0));
    }
  }

  #primary(): Operand {
    if (this.#takes('(')) {
      const inner = this.#level(0);
      if (!this.#takes(')')) throw this.#unexpected();
      return inner;
    }
    if (this.#takes('-')) return combine(0, this.#primary(), (one, other) => one - other);
    const token = this.#tokens[this.#at] ?? '';
    this.#at += 1;
    if (/^\d/.test(token)) return Number(token);
    if (!/^[A-Za-z]/.test(token)) {
      this.#at -= 1;
      throw this.#unexpected();
    }
    if (!this.#takes('(')) return this.#lookup(token);
    const inputs: Operand[] = [];
    if (!this.#takes(')')) {
      do inputs.push(this.#level(0));
      while (this.#takes(','));
      if (!this.#takes(')')) throw this.#unexpected();
    }
    return this.#call(token, inputs);
  }

  #call(name: string, inputs: readonly Operand[]): Operand {
    const run = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    const value = run?.(inputs);
    if (value === undefined) throw expressionFault(this.#source, `${name} is not known like this`);
    return value;
  }
}

type MathFunction = (inputs: readonly Operand[]) => Operand | undefined;

const reducing =
  (reduce: (values: readonly number[]) => number): MathFunction =>
  ([input]) => {
    if (input === undefined || typeof input === 'number') return input;
    return input.size === 0 ? new Map<number, number>() : reduce([...input.values()]);
  };

const mapping =
  (map: (value: number) => number): MathFunction =>
  ([input]) =>
    input === undefined ? undefined : combine(input, 0, (value) => map(value));

const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);

const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  IF([test, then, otherwise]) {
    if (test === undefined || then === undefined) return undefined;
    if (typeof test === 'number') return test === 0 ? (otherwise ?? new Map()) : then;
    const found = new Map<number, number>();
    for (const [at, truth] of test) {
      const branch = truth === 0 ? otherwise : then;
      const value = typeof branch === 'number' ? branch : branch?.get(at);
      if (value !== undefined) found.set(at, value);
    }
    return found;
  },
  FILL([series, value]) {
    // A gap is filled where others have points; a series of nothing stays one.
    return typeof series === 'number' || typeof value !== 'number' ? undefined : series;
  },
  SUM: reducing(sum),
  AVG: reducing((values) => sum(values) / values.length),
  MIN: reducing((values) => Math.min(...values)),
  MAX: reducing((values) => Math.max(...values)),
  ABS: mapping(Math.abs),
  CEIL: mapping(Math.ceil),
  FLOOR: mapping(Math.floor),
};

/** Point by point; where one of two series has no point, there is none. What is no finite number is none, either. */
function combine(
  one: Operand,
  other: Operand,
  operation: (one: number, other: number) => number,
): Operand {
  if (typeof one === 'number' && typeof other === 'number') return operation(one, other);
  const times = typeof one === 'number' ? keys(other) : keys(one);
  const found = new Map<number, number>();
  for (const at of times) {
    const left = typeof one === 'number' ? one : one.get(at);
    const right = typeof other === 'number' ? other : other.get(at);
    if (left === undefined || right === undefined) continue;
    const value = operation(left, right);
    if (Number.isFinite(value)) found.set(at, value);
  }
  return found;
}

function keys(operand: Operand): readonly number[] {
  return typeof operand === 'number' ? [] : [...operand.keys()];
}
