/**
 * Which ids of Lambda a request id of ours stands for. What Lambda and its runtime write of a call, such as what it threw,
 * carries only Lambda's; lines of the shim carry both.
 */
import { decodeLink } from './decode-line.ts';

/** A filter pattern has at most 1024 characters (CloudWatch Logs API reference, `FilterLogEvents`). */
const MOST_IDS = 20;
const MOST_CALLS = 1000;

/** The ids of failed calls of this process: one that was killed has often left no line with both. */
export class FailedCalls {
  readonly #ids = new Map<string, readonly string[]>();

  add(requestId: string, awsRequestId: string): void {
    const before = this.#ids.get(requestId) ?? [];
    this.#ids.delete(requestId);
    this.#ids.set(requestId, [...before, awsRequestId].slice(-MOST_IDS));
    for (const oldest of this.#ids.keys()) {
      if (this.#ids.size <= MOST_CALLS) break;
      this.#ids.delete(oldest);
    }
  }

  of(requestId: string): readonly string[] {
    return this.#ids.get(requestId) ?? [];
  }
}

/** One request, and Lambda's ids of it as far as they are known; retries have their own. */
export class SameCall {
  readonly requestId: string;
  readonly #ids: Set<string>;

  constructor(requestId: string, known: readonly string[]) {
    this.requestId = requestId;
    this.#ids = new Set(known);
  }

  /** CloudWatch then sends only lines that hold one of the ids somewhere; a term in quotes is taken as it is. */
  get pattern(): string | undefined {
    const ids = [this.requestId, ...[...this.#ids].slice(-MOST_IDS)];
    if (!ids.every((id) => /^[\w.:/-]+$/.test(id))) return undefined;
    return ids.length === 1 ? `"${this.requestId}"` : ids.map((id) => `?"${id}"`).join(' ');
  }

  /** The lines that may tell more ids. */
  get linkPattern(): string | undefined {
    const { requestId } = this;
    return /^[\w.:/-]+$/.test(requestId) ? `"${requestId}" "awsRequestId"` : undefined;
  }

  learn(text: string): void {
    const link = decodeLink(text);
    if (link?.requestId === this.requestId) this.#ids.add(link.awsRequestId);
  }

  /** The id to show for a line of the call; undefined for a line of another one. */
  shown(line: { readonly requestId?: string; readonly awsRequestId?: string }): string | undefined {
    const { requestId, awsRequestId } = line;
    if (requestId === this.requestId || awsRequestId === this.requestId) return requestId;
    return requestId !== undefined && this.#ids.has(requestId) ? this.requestId : undefined;
  }
}
