import type { Silence } from '../../../graph/alert-rules.ts';
import type { ApiContext } from '../../context.ts';
import { isoTime } from '../../iso-time.ts';

/** Resolvers of the field that leads to silences. */
export const silenceQueries = {
  async alertSilences(_: unknown, __: unknown, { alerting }: ApiContext) {
    const nowMs = Date.now();
    return (await alerting.book.silences()).filter(({ endsMs }) => endsMs > nowMs);
  },
};

/** Resolvers of a silence. */
export const silenceResolvers = {
  startsAt: ({ startsMs }: Silence) => isoTime(startsMs),
  endsAt: ({ endsMs }: Silence) => isoTime(endsMs),
  createdAt: ({ createdMs }: Silence) => isoTime(createdMs),
  async entities({ entityIds }: Silence, _: unknown, { loaders }: ApiContext) {
    const entities = await loaders.entities.loadMany(entityIds);
    return entities.filter((entity) => entity !== undefined);
  },
};
