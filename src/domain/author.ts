/** The one who published a post, as the source names them. */
export interface Author {
  /** Id of the account on its platform, unchanged. */
  readonly id: string;
  readonly handle?: string;
  readonly name?: string;
}
