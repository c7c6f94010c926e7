import type { JsonObject } from '../function/json.types.ts';

/** Routes that cannot be served as declared. */
export class RouteError extends Error {
  override readonly name = 'RouteError';
  readonly details: JsonObject;

  constructor(message: string, details: JsonObject) {
    super(message);
    this.details = details;
  }
}
