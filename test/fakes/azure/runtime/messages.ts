/** What the host and its workers say to each other. */
import type { RegisteredFunction, TriggerData } from '../core/ports.ts';

/** An HTTP request or answer in the form of the worker's protocol. */
export interface RpcHttp {
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly RpcCookie[];
  readonly body?: { readonly bytes?: Uint8Array; readonly string?: string; readonly json?: string };
}

export interface RpcCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: { readonly value: string };
  readonly path?: { readonly value: string };
  readonly expires?: { readonly value: Date | string | number | { readonly seconds: number } };
  readonly secure?: { readonly value: boolean };
  readonly httpOnly?: { readonly value: boolean };
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  readonly maxAge?: { readonly value: number };
}

export interface RpcHttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly nullableHeaders: Readonly<Record<string, { readonly value: string }>>;
  readonly nullableParams: Readonly<Record<string, { readonly value: string }>>;
  readonly nullableQuery: Readonly<Record<string, { readonly value: string }>>;
  readonly body?: { readonly bytes: Uint8Array };
}

export interface RpcTraceContext {
  readonly traceParent: string;
  readonly traceState: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** One invocation, as the worker gets it. */
export interface RpcInvocation {
  readonly kind: 'invoke';
  /** The platform's time: the instance lives in it. Milliseconds since the epoch. */
  readonly nowMs: number;
  readonly id: string;
  readonly name: string;
  readonly request: {
    readonly invocationId: string;
    readonly functionId: string;
    readonly inputData: readonly {
      readonly name: string;
      readonly data: TriggerData | { readonly http: RpcHttpRequest };
    }[];
    readonly triggerMetadata: Readonly<Record<string, TriggerData>>;
    readonly traceContext: RpcTraceContext;
    readonly retryContext?: { readonly retryCount: number; readonly maxRetryCount: number };
  };
}

export interface StartWish {
  readonly kind: 'start';
  /** As in an invocation. */
  readonly nowMs: number;
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly entries: readonly { readonly file: string; readonly isModule: boolean }[];
}

export type LogLevel =
  | 'trace'
  | 'debug'
  | 'information'
  | 'warning'
  | 'error'
  | 'critical'
  | 'none';

export type FromWorker =
  | { readonly kind: 'started'; readonly functions: readonly RegisteredFunction[] }
  | { readonly kind: 'failed'; readonly message: string; readonly stack: string }
  | { readonly kind: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | {
      readonly kind: 'log';
      readonly level: LogLevel;
      readonly category: 'user' | 'system' | 'customMetric';
      readonly message: string;
      /** Absent for lines that belong to no invocation. */
      readonly id?: string;
      readonly name?: string;
    }
  | { readonly kind: 'done'; readonly id: string; readonly http?: RpcHttp | null }
  | {
      readonly kind: 'error';
      readonly id: string;
      readonly type: string;
      readonly message: string;
      readonly stack: string;
    };
