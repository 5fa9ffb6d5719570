/** The epoch that the record's database is in. */
export interface Epoch {
  /** Its id: another one after data were lost. */
  readonly id: string
  /** Has the database know that a deployment's id was given, which it may have forgotten: it is given to no other. */
  learn(deploymentId: string): Promise<void>
}
