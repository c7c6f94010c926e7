import { ServerlessError } from '../errors/index.ts';
import type { Layer } from '../layers/layer.ts';

/** Where `@opentelemetry/api` 1.x keeps what the program registered. */
const GLOBAL = Symbol.for('opentelemetry.js.api.1');

/** The telemetry layer, or undefined when there is nobody to tell. */
export async function loadTelemetry(
  wish: boolean | 'auto',
  region: () => string | undefined,
): Promise<Layer | undefined> {
  if (wish === false || (wish === 'auto' && !(GLOBAL in globalThis))) return undefined;
  try {
    const api = await import('@opentelemetry/api');
    const { telemetryLayer } = await import('../layers/telemetry.ts');
    return telemetryLayer(api, region);
  } catch (cause) {
    if (wish === 'auto') return undefined;
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message:
        'telemetry: true needs the package @opentelemetry/api. Install it: npm install @opentelemetry/api',
      cause,
    });
  }
}
