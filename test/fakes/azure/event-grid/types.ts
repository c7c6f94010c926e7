/** Names and versions of `Microsoft.EventGrid`. */
export const NAMESPACE = 'Microsoft.EventGrid';
export const TOPICS = `${NAMESPACE}/topics`;
export const SYSTEM_TOPICS = `${NAMESPACE}/systemTopics`;
export const API_VERSIONS = ['2022-06-15', '2025-02-15'];
