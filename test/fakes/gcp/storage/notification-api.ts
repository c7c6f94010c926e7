/** `notifications`. https://cloud.google.com/storage/docs/json_api/v1/notifications */
import type { RestCall, WireReply, World } from '../core/ports.ts';
import type { Buckets } from './buckets.ts';
import { StorageFault } from './faults.ts';
import { checkQuery } from './fields.ts';
import { notificationView, readNotification } from './notifications.ts';
import { demand, type Permission } from './roles.ts';

export class NotificationApi {
  readonly #world: World;
  readonly #buckets: Buckets;

  constructor(world: World, buckets: Buckets) {
    this.#world = world;
    this.#buckets = buckets;
  }

  collection(call: RestCall, name: string): WireReply | undefined {
    if (call.method !== 'GET' && call.method !== 'POST') return undefined;
    checkQuery(call.query, []);
    const bucket = this.#buckets.get(name);
    if (call.method === 'GET') {
      this.#demand(call, 'storage.buckets.get', name);
      const items = [...bucket.notifications.values()].map((one) => notificationView(name, one));
      const body = { kind: 'storage#notifications', ...(items.length > 0 && { items }) };
      return { status: 200, body };
    }
    this.#demand(call, 'storage.buckets.update', name);
    const made = readNotification(this.#world, bucket, call.body);
    bucket.lastNotification += 1;
    bucket.notifications.set(made.id, made);
    return { status: 200, body: notificationView(name, made) };
  }

  one(call: RestCall, name: string, id: string): WireReply | undefined {
    if (call.method !== 'GET' && call.method !== 'DELETE') return undefined;
    checkQuery(call.query, []);
    const bucket = this.#buckets.get(name);
    const isRead = call.method === 'GET';
    this.#demand(call, isRead ? 'storage.buckets.get' : 'storage.buckets.update', name);
    const found = bucket.notifications.get(id);
    if (!found) {
      throw new StorageFault(404, 'notFound', `Notification ${id} not found on bucket '${name}'`);
    }
    if (isRead) return { status: 200, body: notificationView(name, found) };
    bucket.notifications.delete(id);
    return { status: 204 };
  }

  #demand(call: RestCall, permission: Permission, bucket: string): void {
    demand(this.#world, call.caller, permission, bucket);
  }
}
