import type { AuthorKey } from '../../../graph/graph-store.ts';
import type { ApiContext } from '../../context.ts';
import { forget } from './payload.ts';

/** Mutations for those who look after the service. */
export const adminMutations = {
  async eraseAuthor(_: unknown, { input }: { input: AuthorKey }, context: ApiContext) {
    const { gate, admission, writing, pictures } = context;
    const refused = gate.refuse(admission, 'admin');
    if (refused) throw refused;
    const erased = await writing.store.eraseAuthor(input, async (sha256s) => {
      for (const sha256 of pictures ? sha256s : []) await pictures?.delete(sha256);
    });
    writing.onCommit();
    forget(context);
    return { erased, userErrors: [] };
  },
};
