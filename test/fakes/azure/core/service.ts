/** What the parts of the fake answer with. */
import type { Caller, WireReply } from './ports.ts';

/** An error as Resource Manager sends it: `{"error":{"code","message"}}`, or App Service's own form of it. */
export class ArmFault extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Further members of `error`. */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string,
    extra: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly fields?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(message);
    this.name = code;
    this.status = status;
    this.code = code;
    this.headers = extra.headers ?? {};
    this.fields = extra.fields ?? {};
  }
}

/** A request on a data plane, or to a site. */
export interface PlaneRequest {
  readonly method: string;
  /** As it was sent, with the query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Undefined without a bearer token, or with one that is not for this plane. */
  readonly caller: Caller | undefined;
}

/** One server on a port of its own. */
export interface Plane {
  /** `blob`, `queue`, `vault`, `serviceBus`, `eventGrid`, `identity`, or `site:NAME`. */
  readonly name: string;
  /** The audience that bearer tokens must be for; undefined where there are none. */
  readonly audience: string | undefined;
  handle(request: PlaneRequest): Promise<WireReply & { readonly setCookies?: readonly string[] }>;
  /** True for a request whose answer may go wrong and is counted although no token says who asks: calls with a host key. */
  isDeployers?(request: PlaneRequest): boolean;
  /** Whether a request changes something. Default: by its method. */
  isWrite?(request: PlaneRequest): boolean;
}

/** Opens and closes planes; the core implements it, and whoever has sites uses it. */
export interface PlaneHost {
  /** Resolves to `http://127.0.0.1:PORT`. */
  open(plane: Plane): Promise<string>;
  close(name: string): Promise<void>;
}
