import { defineFunction } from 'polyfaas/function';

export default defineFunction({
  topic: (message, context) => {
    context.log.info('welcome sent', { user: message.data });
  },
  bus: (event, context) => {
    context.log.info('receipt sent', { event: event.type, order: event.data });
  },
});
