import type { Migration } from './migration.ts';

/** Parts of pictures that the model read beside the whole, as JSON. Of posts stored so far they are not known. */
export const pictureRegions: Migration = {
  does: 'keeps which parts of a picture were read',
  apply: (connection) => connection.script('ALTER TABLE image ADD COLUMN regions TEXT'),
};
