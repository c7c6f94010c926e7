import { defineFunction } from 'polyfaas/function';

export default defineFunction({
  object: (event, context) => {
    const thumbnail = event.key.replace(/^in\//, 'thumbnails/');
    context.log.info('thumbnail made', { from: event.key, to: thumbnail, bytes: event.sizeBytes });
  },
});
