// Prints facts as they appear, until it is ended or has printed as many as it is told.
//   node examples/client/follow.mjs 10
import { GrapevineClient } from 'grapevine';

const client = new GrapevineClient({
  url: process.env.GRAPEVINE_URL ?? 'http://127.0.0.1:4000',
  ...(process.env.GRAPEVINE_TOKEN && { token: process.env.GRAPEVINE_TOKEN }),
});
let left = Number(process.argv[2] ?? Number.POSITIVE_INFINITY);

const events = client.subscribe(
  `subscription ($since: String) { factEvents(since: $since) {
    cursor kind fact { type confidence } head { name } tail { name } } }`,
  {},
  {
    // Where the last run ended; without it, what happens from now on.
    ...(process.env.SINCE && { since: process.env.SINCE }),
    onReconnect: () => console.error('the connection was lost; connecting again'),
  },
);
for await (const { factEvents: event } of events) {
  console.log(`${event.kind} ${event.head.name} ${event.fact.type} ${event.tail.name}`);
  if (--left === 0) break;
}
