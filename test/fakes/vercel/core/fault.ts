/** An error as Vercel's API sends it: `{"error":{"code":"not_found","message":"..."}}`. */
export class VercelFault extends Error {
  override readonly name = 'VercelFault';
  /** HTTP. */
  readonly status: number;
  /** `not_found` */
  readonly code: string;
  /** What is beside `code` and `message`. */
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
    this.status = status;
    this.code = code;
    this.fields = extra.fields ?? {};
    this.headers = extra.headers ?? {};
  }
}

/** What Vercel says of a request that its schema refuses. */
export function badRequest(message: string): VercelFault {
  return new VercelFault(400, 'bad_request', message);
}

export function notFound(message: string): VercelFault {
  return new VercelFault(404, 'not_found', message);
}
