/** A function that tells where it is, so that one version can be told from another. */
import type { FunctionSpec } from 'polyfaas';

const SOURCE = `export default {
  [Symbol.for('polyfaas.function')]: true,
  invoke: async () => process.env.PLACE ?? 'none',
  http: async () => new Response('hello'),
  topic: async () => {},
  queue: async () => {},
  schedule: async () => {},
};`;

export function placing(place: string): FunctionSpec {
  return { source: SOURCE, env: { PLACE: place } };
}
