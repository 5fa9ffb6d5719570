/** The epoch that the record's database is in. */
export interface Epoch {
  /** Its id: another one after data were lost. */
  readonly id: string
  /** Notes that a deployment's id was given, which the database may have forgotten: it is given to no other. */
  learn(deploymentId: string): void
}
