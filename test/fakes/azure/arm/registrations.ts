/** Which resource providers a subscription uses. */
import { requireApiVersion } from '../core/api-versions.ts';
import type { ArmCall, FakeClock, WireReply } from '../core/ports.ts';
import { ArmFault } from '../core/service.ts';
import { methodNotAllowed } from './faults.ts';
import { RESOURCES_API_VERSIONS } from './groups.ts';

/** Registering takes its time. */
const REGISTERING_MS = 20_000;

export class Registrations {
  readonly #clock: FakeClock;
  /** When a namespace is registered again; never, for those that nobody asked for. Others are registered. */
  readonly #since = new Map<string, number>();

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** Makes the subscription one that has never used the namespace. */
  unregister(namespace: string): void {
    this.#since.set(namespace.toLowerCase(), Number.POSITIVE_INFINITY);
  }

  stateOf(namespace: string): 'NotRegistered' | 'Registering' | 'Registered' {
    const since = this.#since.get(namespace.toLowerCase()) ?? 0;
    if (since === Number.POSITIVE_INFINITY) return 'NotRegistered';
    return since > this.#clock.now() ? 'Registering' : 'Registered';
  }

  /** Throws when nothing may be made in a namespace. */
  require(namespace: string): void {
    if (this.stateOf(namespace) === 'Registered') return;
    const message = `The subscription is not registered to use namespace '${namespace}'. See https://aka.ms/rps-not-found for how to register subscriptions.`;
    throw new ArmFault(409, 'MissingSubscriptionRegistration', message, {
      fields: {
        details: [{ code: 'MissingSubscriptionRegistration', target: namespace, message }],
      },
    });
  }

  /** @param action what stands behind the namespace in the path */
  handle(call: ArmCall, namespace: string, action: string | undefined): WireReply {
    requireApiVersion('Microsoft.Resources/providers', call.apiVersion, RESOURCES_API_VERSIONS);
    const isRegistering = call.method === 'POST' && action?.toLowerCase() === 'register';
    if (!isRegistering && (call.method !== 'GET' || action !== undefined)) {
      throw methodNotAllowed(call.method, call.path);
    }
    if (isRegistering && this.stateOf(namespace) === 'NotRegistered') {
      this.#since.set(namespace.toLowerCase(), this.#clock.now() + REGISTERING_MS);
    }
    const registrationState = this.stateOf(namespace);
    const id = call.path.replace(/\/register$/i, '');
    return {
      status: 200,
      body: {
        id,
        namespace,
        registrationPolicy: 'RegistrationRequired',
        registrationState,
        resourceTypes: [],
      },
    };
  }
}
