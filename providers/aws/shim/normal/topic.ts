/** SNS. */
import type { TopicMessage } from 'polyfaas/function';
import { decodeText, type Fields, fieldsOf, nameOfArn, textOf, timeOf } from '../json.ts';
import { stringAttributes } from './queue.ts';

export function topicMessage(record: Fields): TopicMessage {
  const sns = fieldsOf(record['Sns']);
  const subject = sns['Subject'];
  const message = {
    id: textOf(sns['MessageId']),
    source: nameOfArn(textOf(sns['TopicArn'])),
    time: timeOf(sns['Timestamp']),
    data: decodeText(textOf(sns['Message'])),
    attributes: stringAttributes(fieldsOf(sns['MessageAttributes']), 'Value'),
  };
  return typeof subject === 'string' ? { ...message, subject } : message;
}
