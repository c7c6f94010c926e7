import { defineFunction } from 'polyfaas/function';

const prices: Readonly<Record<string, number>> = { lamp: 30, chair: 85, table: 240 };

/** The price of an order, or undefined when it is no order that we can fill. */
function priceOf(order: unknown): number | undefined {
  if (typeof order !== 'object' || order === null) return undefined;
  if (!('item' in order) || !('quantity' in order)) return undefined;
  const { item, quantity } = order;
  if (typeof item !== 'string' || typeof quantity !== 'number' || quantity < 1) return undefined;
  const price = prices[item];
  return price === undefined ? undefined : price * quantity;
}

export default defineFunction({
  invoke: (order, context) => ({
    price: priceOf(order) ?? null,
    release: process.env.RELEASE ?? null,
    database: process.env.DATABASE === undefined ? 'none' : 'connected',
    servedBy: context.instanceId,
  }),

  http: async (request, context) => {
    const price = priceOf(await request.json());
    if (price === undefined) return Response.json({ error: 'no such order' }, { status: 422 });
    const customer = context.claims?.sub ?? null;
    context.log.info('order accepted', { price, customer });
    return Response.json({ price, customer }, { status: 201 });
  },

  // What cannot be filled is named, and comes again; the rest of the batch is done.
  queue: (batch, context) => {
    const poisoned = batch.messages.filter(({ data }) => priceOf(data) === undefined);
    context.log.info('batch filled', {
      filled: batch.messages.length - poisoned.length,
      refused: poisoned.length,
    });
    return { retry: poisoned.map(({ id }) => id) };
  },

  schedule: (tick, context) => {
    context.log.info('report written', { data: tick.data, due: tick.scheduledTime });
  },
});
