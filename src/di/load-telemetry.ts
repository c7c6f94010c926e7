import { ServerlessError } from '../errors/index.ts';
import type { Layer } from '../layers/layer.ts';

/** Where `@opentelemetry/api` 1.x keeps what the program registered. */
const GLOBAL = Symbol.for('opentelemetry.js.api.1');

/** The telemetry layer, or undefined when there is never to be anybody to tell. */
export async function loadTelemetry(
  wish: boolean | 'auto',
  region: () => string | undefined,
): Promise<Layer | undefined> {
  if (wish === false) return undefined;
  if (wish === 'auto') return GLOBAL in globalThis ? await loaded(region) : whenRegistered(region);
  try {
    return await load(region);
  } catch (cause) {
    throw new ServerlessError({
      code: 'INVALID_ARGUMENT',
      message:
        'telemetry: true needs the package @opentelemetry/api. Install it: npm install @opentelemetry/api',
      cause,
    });
  }
}

async function load(region: () => string | undefined): Promise<Layer> {
  const api = await import('@opentelemetry/api');
  const { telemetryLayer } = await import('../layers/telemetry.ts');
  return telemetryLayer(api, region);
}

/** Undefined where the program has a copy of the package that is not to be found from here. */
function loaded(region: () => string | undefined): Promise<Layer | undefined> {
  return load(region).catch(() => undefined);
}

/** Programs register what they have in the order that they like, also after they have made a manager. */
function whenRegistered(region: () => string | undefined): Layer {
  let loading: Promise<Layer | undefined> | undefined;
  let layer: Layer | undefined;
  return {
    name: 'telemetry',
    applies: () => true,
    async around(info, context, next) {
      if (layer === undefined && GLOBAL in globalThis) {
        loading ??= loaded(region);
        layer = await loading;
      }
      return layer === undefined ? next(context) : layer.around(info, context, next);
    },
  };
}
