/** How a service of the fake answers requests. */
import type { Caller } from './ports.ts';

export interface WireRequest {
  /** The signing name in the credential scope: `lambda`, `sqs`, `monitoring`, ... */
  readonly service: string;
  readonly method: string;
  /** Still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly region: string;
  readonly caller: Caller;
  /**
   * Whether the caller's policies allow the action on the resource. Set by the server; absent means that nobody asks,
   * as in a test that calls a service directly.
   */
  readonly allows?: (action: string, resource: string) => boolean;
}

export interface WireReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Service {
  /** Its signing name. */
  readonly id: string;
  handle(request: WireRequest): Promise<WireReply>;
  /** `CreateFunction`: what a request asks for, as far as the service knows. */
  operationOf?(request: WireRequest): string | undefined;
  /** A line for every resource that outlives a call: `lambda function shop-dev-orders`. */
  inventory(): readonly string[];
  stop?(): Promise<void>;
}

/** An error as the service would send it. The protocol code of each service gives it its form on the wire. */
export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;
  /** Further members of the body. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    extra: {
      readonly fields?: Readonly<Record<string, unknown>>;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
    this.fields = extra.fields ?? {};
    this.headers = extra.headers ?? {};
  }
}
