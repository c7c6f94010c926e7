/** What a query is made of. */
import type { Column, ScalarType, Value } from './values.ts';

export type Expression =
  | { readonly kind: 'literal'; readonly type: ScalarType; readonly value: Value }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly inputs: readonly Expression[] }
  | { readonly kind: 'negative'; readonly inner: Expression }
  /** All columns, in `distinct *`, `count(*)` and `arg_max(x, *)`. */
  | { readonly kind: 'star' }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'in';
      readonly inner: Expression;
      readonly of: readonly Expression[];
      readonly isNegative: boolean;
      readonly ignoresCase: boolean;
    }
  | {
      readonly kind: 'between';
      readonly inner: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly isNegative: boolean;
    };

/** `x = f(y)`, `(p50, p95) = percentiles(x, 50, 95)`, or without names. */
export interface Named {
  readonly names: readonly string[];
  readonly expression: Expression;
}

export interface Ordering {
  readonly expression: Expression;
  readonly isDescending: boolean;
  readonly nullsFirst: boolean;
}

export type Operator =
  | { readonly kind: 'where'; readonly condition: Expression }
  | { readonly kind: 'extend'; readonly columns: readonly Named[] }
  | { readonly kind: 'project'; readonly columns: readonly Named[] }
  | { readonly kind: 'project-away'; readonly names: readonly string[] }
  | { readonly kind: 'project-rename'; readonly columns: readonly Named[] }
  | {
      readonly kind: 'summarize';
      readonly aggregates: readonly Named[];
      readonly by: readonly Named[];
    }
  | { readonly kind: 'order'; readonly by: readonly Ordering[] }
  | { readonly kind: 'take'; readonly count: Expression }
  | { readonly kind: 'top'; readonly count: Expression; readonly by: readonly Ordering[] }
  | { readonly kind: 'distinct'; readonly columns: readonly Expression[] }
  | { readonly kind: 'count' }
  | { readonly kind: 'union'; readonly tables: readonly Tabular[] };

export type Source =
  | { readonly kind: 'table'; readonly name: string }
  | { readonly kind: 'union'; readonly tables: readonly Tabular[] }
  | { readonly kind: 'print'; readonly columns: readonly Named[] }
  | {
      readonly kind: 'datatable';
      readonly columns: readonly Column[];
      readonly values: readonly Expression[];
    }
  | { readonly kind: 'inner'; readonly query: Tabular };

export interface Tabular {
  readonly source: Source;
  readonly operators: readonly Operator[];
}

export interface Query {
  /** In their order; a later one sees the earlier ones. */
  readonly lets: readonly {
    readonly name: string;
    readonly value: Expression | Tabular;
  }[];
  readonly main: Tabular;
}

export function isTabular(value: Expression | Tabular): value is Tabular {
  return 'source' in value;
}
