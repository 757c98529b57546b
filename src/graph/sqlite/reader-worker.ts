import { workerData } from 'node:worker_threads';
import { serveCalls } from '../../threads/worker-server.ts';
import { alertDeliveries, alerts, alertsAfter, lastAlertPlace } from './alert-log.ts';
import { ruleBook } from './alert-rules.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { countFacts } from './count-facts.ts';
import { decisionsAbout } from './decide.ts';
import { paths, subgraph } from './explore.ts';
import { lastPosition } from './outbox.ts';
import { mentionSpans, timeline, trends } from './read-activity.ts';
import { linksAround, recentLinks } from './read-around.ts';
import { coMentions } from './read-co-mentions.ts';
import { countEntities, entities, entitiesById, entityByName } from './read-entities.ts';
import { evidence, facts, factsById, factsOfPosts } from './read-facts.ts';
import { accounts, entitiesByInitials, entitiesNamed, partsOf, surfacesOf } from './read-names.ts';
import { mentionsById, mentionsOfEntity, mentionsOfPosts, posts, postsById } from './read-posts.ts';
import { digestPart, eventsAfter, stats, types } from './read-summary.ts';
import { scan } from './scan.ts';

let connection: Connection | undefined;

function open(): Connection {
  connection ??= new Connection(workerData as ConnectionOptions);
  return connection;
}

/** Makes a query callable with the list of its arguments. */
function query<A extends unknown[]>(read: (connection: Connection, ...args: A) => unknown) {
  return (args: A) => read(open(), ...args);
}

serveCalls(
  {
    ping: query((opened) => void opened.first('SELECT count(*) FROM meta')),
    entitiesById: query(entitiesById),
    entityByName: query(entityByName),
    entitiesNamed: query(entitiesNamed),
    entitiesByInitials: query(entitiesByInitials),
    surfacesOf: query(surfacesOf),
    partsOf: query(partsOf),
    accounts: query(accounts),
    decisionsAbout: query(decisionsAbout),
    entities: query(entities),
    countEntities: query(countEntities),
    factsById: query(factsById),
    facts: query(facts),
    countFacts: query(countFacts),
    factsOfPosts: query(factsOfPosts),
    linksAround: query(linksAround),
    recentLinks: query(recentLinks),
    subgraph: query(subgraph),
    paths: query(paths),
    evidence: query(evidence),
    postsById: query(postsById),
    posts: query(posts),
    mentionsById: query(mentionsById),
    mentionsOfEntity: query(mentionsOfEntity),
    mentionsOfPosts: query(mentionsOfPosts),
    coMentions: query(coMentions),
    mentionSpans: query(mentionSpans),
    timeline: query(timeline),
    trends: query(trends),
    types: query(types),
    stats: query(stats),
    eventsAfter: query(eventsAfter),
    lastPosition: query(lastPosition),
    digestPart: query(digestPart),
    scan: query(scan),
    alertsAfter: query(alertsAfter),
    lastAlertPlace: query(lastAlertPlace),
    alerts: query(alerts),
    alertDeliveries: query(alertDeliveries),
    ruleBook: query(ruleBook),
    close: () => {
      connection?.[Symbol.dispose]();
      connection = undefined;
    },
  },
  'GRAPH_REJECTED',
);
