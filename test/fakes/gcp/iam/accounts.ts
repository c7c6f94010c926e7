/** The service accounts of the project, and Google's own that work in it. */
import { uniqueIdOf } from '../core/identity.ts';
import type { FakeClock } from '../core/ports.ts';

/** A new account is known to the IAM API at once, and everywhere else only after so long. */
export const KNOWN_AFTER_MS = 5_000;

export interface ServiceAccount {
  readonly email: string;
  readonly uniqueId: string;
  readonly displayName: string;
  readonly description: string;
  readonly isDisabled: boolean;
  readonly since: number;
  readonly etag: string;
}

export interface AccountsParts {
  readonly clock: FakeClock;
  readonly projectId: string;
  readonly projectNumber: string;
}

export class ServiceAccounts {
  readonly #parts: AccountsParts;
  readonly #accounts = new Map<string, ServiceAccount>();
  #made = 0;

  constructor(parts: AccountsParts) {
    this.#parts = parts;
  }

  get all(): readonly ServiceAccount[] {
    return [...this.#accounts.values()].toSorted((a, b) => (a.email < b.email ? -1 : 1));
  }

  emailOf(accountId: string): string {
    return `${accountId}@${this.#parts.projectId}.iam.gserviceaccount.com`;
  }

  /** By its e-mail address, or its number. */
  find(key: string): ServiceAccount | undefined {
    return this.#accounts.get(key) ?? this.all.find(({ uniqueId }) => uniqueId === key);
  }

  put(
    email: string,
    texts: { readonly displayName: string; readonly description: string },
  ): ServiceAccount {
    this.#made += 1;
    const account: ServiceAccount = {
      email,
      // One that is made again is another one.
      uniqueId: uniqueIdOf(`${email} ${this.#made}`),
      ...texts,
      isDisabled: false,
      since: this.#parts.clock.now(),
      etag: this.#etag(),
    };
    this.#accounts.set(email, account);
    return account;
  }

  change(
    account: ServiceAccount,
    change: Partial<Pick<ServiceAccount, 'displayName' | 'description' | 'isDisabled'>>,
  ): ServiceAccount {
    const next = { ...account, ...change, etag: this.#etag() };
    this.#accounts.set(account.email, next);
    return next;
  }

  delete(email: string): void {
    this.#accounts.delete(email);
  }

  /** Whether the other services know such an account by now. */
  isKnown(email: string): boolean {
    const account = this.#accounts.get(email);
    if (account) return this.#parts.clock.now() >= account.since + KNOWN_AFTER_MS;
    return this.#isGoogles(email);
  }

  /** Agents of services, and the accounts that come with a project. */
  #isGoogles(email: string): boolean {
    const { projectId, projectNumber } = this.#parts;
    const isAgent =
      email.startsWith(`service-${projectNumber}@`) &&
      /@[a-z0-9.-]+\.gserviceaccount\.com$/.test(email);
    return (
      isAgent ||
      email === `${projectNumber}-compute@developer.gserviceaccount.com` ||
      email === `${projectNumber}@cloudbuild.gserviceaccount.com` ||
      email === `${projectNumber}@cloudservices.gserviceaccount.com` ||
      email === `${projectId}@appspot.gserviceaccount.com`
    );
  }

  #etag(): string {
    this.#made += 1;
    return Buffer.from(`\u0001etag${this.#made}`).toString('base64');
  }
}
