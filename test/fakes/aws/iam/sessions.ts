/** Access keys: the long-lived ones of users, and those of sessions of roles. */
import { randomBytes } from 'node:crypto';
import type { Caller, Credentials, FakeClock } from '../core/ports.ts';

interface Key {
  readonly caller: Caller;
  readonly sessionToken: string | undefined;
  readonly roleArn?: string;
  readonly expiresAt?: number;
}

/** A user's keys. */
export interface UserCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Long-lived keys have none. */
  readonly sessionToken?: string;
}

export class Sessions {
  readonly #clock: FakeClock;
  readonly #account: string;
  readonly #keys = new Map<string, Key>();

  constructor(clock: FakeClock, account: string) {
    this.#clock = clock;
    this.#account = account;
  }

  user(name: string): UserCredentials {
    const accessKeyId = keyId('AKIA');
    const arn = `arn:aws:iam::${this.#account}:user/${name}`;
    this.#keys.set(accessKeyId, { caller: { kind: 'user', arn }, sessionToken: undefined });
    return { accessKeyId, secretAccessKey: randomBytes(30).toString('base64') };
  }

  /** Without `durationSeconds` it lasts: who needs it renews it, as the runtime of a function does. */
  role(roleArn: string, name: string, durationSeconds?: number): Credentials {
    const accessKeyId = keyId('ASIA');
    const sessionToken = randomBytes(60).toString('base64');
    const roleName = roleArn.split('/').at(-1) ?? roleArn;
    const arn = `arn:aws:sts::${this.#account}:assumed-role/${roleName}/${name}`;
    this.#keys.set(accessKeyId, {
      caller: { kind: 'role', arn, roleName },
      sessionToken,
      roleArn,
      ...(durationSeconds !== undefined && {
        expiresAt: this.#clock.now() + durationSeconds * 1000,
      }),
    });
    return { accessKeyId, secretAccessKey: randomBytes(30).toString('base64'), sessionToken };
  }

  callerOf(accessKeyId: string): Caller | undefined {
    return this.#keys.get(accessKeyId)?.caller;
  }

  /** The secret key cannot be checked; the token of a session can. */
  authenticate(
    accessKeyId: string,
    sessionToken: string | undefined,
  ): { readonly caller: Caller; readonly roleArn?: string } | 'unknownKey' | 'expired' {
    const key = this.#keys.get(accessKeyId);
    if (!key || key.sessionToken !== sessionToken) return 'unknownKey';
    if (key.expiresAt !== undefined && key.expiresAt <= this.#clock.now()) return 'expired';
    return { caller: key.caller, ...(key.roleArn !== undefined && { roleArn: key.roleArn }) };
  }
}

function keyId(prefix: string): string {
  return `${prefix}${randomBytes(8).toString('hex').toUpperCase()}`;
}
