/** REST routes of partitioned topics and consumer groups. */
import type { RestRoute } from './rest.ts';

export const TOPIC_ROUTES: readonly RestRoute[] = [
  { method: 'GET', path: '/topics', command: 'topic.list' },
  { method: 'POST', path: '/topics/:topic', command: 'topic.create' },
  { method: 'DELETE', path: '/topics/:topic', command: 'topic.delete' },
  { method: 'GET', path: '/topics/:topic/stats', command: 'topic.stats' },
  { method: 'POST', path: '/topics/:topic/publish', command: 'topic.publish' },
  { method: 'POST', path: '/topics/:topic/partitions/:partition_id/consume', command: 'topic.consume' },
  { method: 'GET', path: '/consumer-groups', command: 'consumer_group.list' },
  { method: 'POST', path: '/consumer-groups/:group_id', command: 'consumer_group.create' },
  { method: 'DELETE', path: '/consumer-groups/:group_id', command: 'consumer_group.delete' },
  { method: 'POST', path: '/consumer-groups/:group_id/join', command: 'consumer_group.join' },
  {
    method: 'DELETE',
    path: '/consumer-groups/:group_id/members/:member_id/leave',
    command: 'consumer_group.leave',
  },
  {
    method: 'GET',
    path: '/consumer-groups/:group_id/members/:member_id/assignment',
    command: 'consumer_group.assignment',
  },
  {
    method: 'POST',
    path: '/consumer-groups/:group_id/members/:member_id/heartbeat',
    command: 'consumer_group.heartbeat',
  },
  { method: 'POST', path: '/consumer-groups/:group_id/offsets/commit', command: 'consumer_group.commit' },
  {
    method: 'GET',
    path: '/consumer-groups/:group_id/offsets/:partition_id',
    command: 'consumer_group.offset',
  },
  { method: 'GET', path: '/consumer-groups/:group_id/stats', command: 'consumer_group.stats' },
];
