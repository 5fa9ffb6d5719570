import type { Grant, StatisticsQuery, StatisticsReport } from '@vesemir/contract'

/** What deployments came to over time. It outlives their records. */
export interface Statistics {
  /** Sums up what someone with these grants may see. */
  read(query: StatisticsQuery, grants: readonly Grant[]): Promise<StatisticsReport>
}
