/** Update expressions, as far as plain `SET a = :v, #b = :w` and `REMOVE c` go. */
import type { Input } from '../core/operation.ts';
import { AwsFault } from '../core/service.ts';
import { attributeValue, type AttributeValue, type Item } from './value.ts';

interface Placeholders {
  readonly names: Input;
  readonly values: Input;
}

/** The item after the update. */
export function updated(
  item: Item,
  key: Item,
  expression: string,
  placeholders: Placeholders,
): Item {
  const result: Record<string, AttributeValue> = { ...item };
  const clauses = [...expression.matchAll(/\b(SET|REMOVE|ADD|DELETE)\b\s+/gi)];
  if (clauses[0]?.index !== 0) throw bad(`Syntax error; token: "${expression.split(' ')[0]}"`);
  for (const [index, clause] of clauses.entries()) {
    const start = clause.index + clause[0].length;
    const parts = expression.slice(start, clauses[index + 1]?.index).split(',');
    const keyword = clause[1]?.toUpperCase();
    if (keyword !== 'SET' && keyword !== 'REMOVE') throw bad(`${keyword} is not understood here`);
    for (const part of parts) {
      if (keyword === 'SET') set(result, key, part, placeholders);
      else delete result[attribute(part.trim(), key, placeholders)];
    }
  }
  return result;
}

function set(
  result: Record<string, AttributeValue>,
  key: Item,
  part: string,
  placeholders: Placeholders,
): void {
  const [left = '', right = '', ...rest] = part.split('=').map((side) => side.trim());
  if (rest.length > 0 || !/^:\w+$/.test(right)) throw bad(`Syntax error; token: "${part.trim()}"`);
  const value = placeholders.values[right];
  if (value === undefined) {
    throw bad(
      `An expression attribute value used in expression is not defined; attribute value: ${right}`,
    );
  }
  result[attribute(left, key, placeholders)] = attributeValue(value);
}

function attribute(token: string, key: Item, { names }: Placeholders): string {
  const name = token.startsWith('#') ? names[token] : token;
  if (typeof name !== 'string') {
    throw bad(
      `An expression attribute name used in the document path is not defined; attribute name: ${token}`,
    );
  }
  if (!token.startsWith('#') && !/^[A-Za-z_]\w*$/.test(token)) {
    throw bad(`Syntax error; token: "${token}"`);
  }
  if (name in key) {
    throw new AwsFault(
      400,
      'ValidationException',
      `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
    );
  }
  return name;
}

function bad(reason: string): AwsFault {
  return new AwsFault(400, 'ValidationException', `Invalid UpdateExpression: ${reason}`);
}
