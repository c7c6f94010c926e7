/** How far a deployment is, as Resource Manager and the SCM site tell it alike. */
import type { JsonValue } from 'polyfaas/spi';
import { numberAt, textAt } from '../../arm/json.ts';

/** Kudu's numbers; those between go on. */
export const STATUS = { cancelled: -1, failed: 3, succeeded: 4, conflicted: 5, partly: 6 } as const;

/** What a deployment came to, in Kudu's words. */
export type Deployed =
  | {
      readonly done: true;
      /** Undefined where only its end was told. */
      readonly status: number | undefined;
      readonly said: string;
    }
  | {
      readonly done: false;
      readonly by: 'arm' | 'scm' | 'later';
      readonly pollAfterMs: number;
      readonly inner: JsonValue;
    };

/** As both tell it. */
export function deployed(body: JsonValue | undefined): Extract<Deployed, { done: true }> {
  const said = textAt(body, 'status_text') || textAt(body, 'message') || '';
  return { done: true, status: numberAt(body, 'status'), said };
}

export function isOver(status: number | undefined): boolean {
  return status === undefined || status >= STATUS.failed || status === STATUS.cancelled;
}
