/** Bindings and wishes that the tests plan with. */
import type { Binding } from 'polyfaas/spi';
import type { BindingWish } from '../../../providers/aws/events/types.ts';
import { EMPTY_RECORD, type FunctionRecord } from '../../../providers/aws/record.ts';
import type { Target } from '../../../providers/aws/model.ts';
import {
  bucket,
  bus,
  http,
  queue,
  schedule,
  stream,
  table,
  topic,
} from '../../support/bindings.ts';

export * from '../../support/bindings.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-central-1';

export const TARGET: Target = {
  ref: { app: 'shop', stage: 'dev', name: 'orders' },
  physicalName: 'shop-dev-orders',
  functionArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:shop-dev-orders`,
};

export const CORS = {
  origins: ['https://shop.example'],
  methods: ['GET'],
  headers: ['content-type'],
  exposeHeaders: [],
  credentials: true,
  maxAgeSeconds: 120,
} as const;

export function record(change: Partial<FunctionRecord> = {}): FunctionRecord {
  return { ...EMPTY_RECORD, ...change };
}

export function wish(bindings: readonly Binding[], change: Partial<BindingWish> = {}): BindingWish {
  return {
    target: TARGET,
    record: EMPTY_RECORD,
    bindings,
    timeoutSeconds: 30,
    ...change,
  };
}

/** One of each kind. */
export const ONE_OF_EACH: readonly Binding[] = [
  queue('q', { deadLetter: 'orders-dead' }),
  topic('t', { deadLetter: 'users-dead' }),
  bucket('o'),
  stream('s', { deadLetter: 'clicks-dead' }),
  table('d'),
  bus('b'),
  schedule('c'),
  http('h'),
];
