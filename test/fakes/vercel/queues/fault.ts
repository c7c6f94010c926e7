/** What Vercel Queues answers when it says no: a status, and `{"error":"..."}`. */
export class QueueFault extends Error {
  override readonly name = 'QueueFault';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}
