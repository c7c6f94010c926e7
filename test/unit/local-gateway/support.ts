import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { createGateway } from '../../../providers/local/gateway/index.ts';
import type { ClientLimits } from '../../../providers/local/gateway/listener.ts';
import type {
  DispatchHttp,
  Gateway,
  GatewayOptions,
  GatewayRoute,
  LocalHttpRequest,
  LocalHttpResponse,
} from '../../../providers/local/ports.ts';
import type { FunctionRef, JsonObject, NormalHttpEvent } from '../../../src/spi/index.ts';
import { ManualClock } from '../../support/manual-clock.ts';

export const ORDERS: FunctionRef = { app: 'shop', stage: 'dev', name: 'orders' };

export const encoder = new TextEncoder();

/** A response as a handler's shim gives it. */
export function reply(
  body: string | Uint8Array | ReadableStream<Uint8Array> | null = 'ok',
  parts: Partial<Omit<LocalHttpResponse, 'body'>> = {},
): LocalHttpResponse {
  return {
    status: 200,
    statusText: '',
    headers: [],
    ...parts,
    body: typeof body === 'string' ? encoder.encode(body) : body,
  };
}

export function route(
  path: string,
  parts: Partial<NormalHttpEvent> = {},
  ref: FunctionRef = ORDERS,
): GatewayRoute {
  const event: NormalHttpEvent = {
    type: 'http',
    enabled: true,
    methods: ['ANY'],
    path,
    ...parts,
  };
  return { ref, bindingId: `http-${event.methods.join('-')}-${path}`, event };
}

export interface TestGateway {
  readonly gateway: Gateway;
  readonly clock: ManualClock;
  readonly warnings: { readonly message: string; readonly fields: JsonObject }[];
  /** Of {@link ORDERS}, by path prefix. */
  readonly url: string;
  readonly port: number;
}

/** Remembers what it was asked. */
export function recorder(answer: LocalHttpResponse = reply()): {
  readonly asked: LocalHttpRequest[];
  readonly dispatch: (ref: FunctionRef, request: LocalHttpRequest) => Promise<LocalHttpResponse>;
} {
  const asked: LocalHttpRequest[] = [];
  const dispatch = async (
    _: FunctionRef,
    request: LocalHttpRequest,
  ): Promise<LocalHttpResponse> => {
    asked.push(request);
    return answer;
  };
  return { asked, dispatch };
}

/** A gateway that serves `routes` of {@link ORDERS} by `dispatch`, closed when the test ends. */
export async function openGateway(
  routes: readonly GatewayRoute[],
  dispatch: DispatchHttp,
  settings: { options?: Partial<GatewayOptions>; clientLimits?: ClientLimits } = {},
): Promise<TestGateway> {
  const clock = new ManualClock();
  const warnings: { message: string; fields: JsonObject }[] = [];
  const gateway = createGateway({
    options: {
      host: '127.0.0.1',
      port: 0,
      allowedHosts: [],
      maxBodyBytes: 1_048_576,
      ...settings.options,
    },
    dispatch,
    clock,
    warn: (message, fields) => void warnings.push({ message, fields }),
    ...(settings.clientLimits ? { clientLimits: settings.clientLimits } : {}),
  });
  onTestFinished(() => gateway.close(0));
  await gateway.setRoutes(ORDERS, routes);
  const url = gateway.url(ORDERS) ?? '';
  return {
    gateway,
    clock,
    warnings,
    url,
    port: Number(URL.parse(url)?.port ?? 0),
  };
}

export interface Answered {
  readonly status: number;
  readonly statusText: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Uint8Array;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]> | readonly string[];
  readonly body?: string | Uint8Array;
}

/** One request on a connection of its own, its target sent as it is. */
export function send(port: number, target: string, asked: Asked = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path: target,
      method: asked.method ?? 'GET',
      headers: asked.headers ?? {},
      agent: false,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        resolve({
          status: response.statusCode ?? 0,
          statusText: response.statusMessage ?? '',
          headers: response.headers,
          text: bytes.toString('utf8'),
          bytes,
        });
      });
    });
    request.end(asked.body);
  });
}

/** Like {@link send}, to {@link ORDERS} by path prefix. */
export function sendToOrders(
  gateway: TestGateway,
  target: string,
  asked: Asked = {},
): Promise<Answered> {
  return send(gateway.port, `/~shop/dev/orders${target}`, asked);
}

/** Writes raw bytes and gives all that comes back until the connection ends. */
export async function sendRaw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  // Not `once`, which would reject on a reset.
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write(text);
  await closed;
  return Buffer.concat(chunks).toString('latin1');
}

/** The error of a promise that must reject. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('It was expected to reject.');
}
