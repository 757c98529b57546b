/** What people have said of alerts while they run: rules, silences, channels that are switched off. */
export interface AlertDocuments {
  /** All of them, by kind and id. */
  documents(): Promise<readonly AlertDocument[]>;
  /**
   * Puts a document in the place of the one with its kind and id. `create` and `replace` say that there must be none, or one;
   * false, and nothing is changed, where that is not so.
   */
  putDocument(document: AlertDocument, how: 'create' | 'replace' | 'any'): Promise<boolean>;
  /** False where there was none. */
  removeDocument(kind: AlertDocument['kind'], id: string): Promise<boolean>;
}

/** One document. */
export interface AlertDocument {
  readonly kind: 'rule' | 'silence' | 'channel';
  readonly id: string;
  /** JSON. */
  readonly value: string;
}
